import unittest

from app import app


class IndexTest(unittest.TestCase):
    def test_greets_by_name(self):
        response = app.test_client().get("/?name=Ada")
        self.assertIn("Hello, Ada", response.text)


if __name__ == "__main__":
    unittest.main()
