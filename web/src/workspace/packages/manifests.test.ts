import { expect, test } from "vitest";
import {
  dependenciesOf,
  registryOf,
  withoutProjectRequirement,
  withoutRequirement,
  withProjectRequirement,
  withRequirement,
} from "./manifests";

const named = (path: string, text: string) =>
  dependenciesOf(path, text).map(({ name, wanted, group }) => `${name} ${wanted}${group && ` (${group})`}`);

test("npm: dependencies and those for development", () =>
  expect(named("package.json", '{"dependencies":{"react":"^19.0.0"},"devDependencies":{"vite":"8.1.0"}}')).toEqual([
    "react ^19.0.0",
    "vite 8.1.0 (dev)",
  ]));

test("npm: a broken manifest is said in words", () =>
  expect(() => dependenciesOf("package.json", "{")).toThrow("not valid JSON"));

test("pip: versions, extras, markers, comments; options and addresses are no packages", () =>
  expect(
    named(
      "requirements.txt",
      "# web\nFlask==3.0.1\nuvicorn[standard] >= 0.30, < 1 # server\npywin32; sys_platform == 'win32'\n-r other.txt\nx @ https://a/b.whl\nrequests\n",
    ),
  ).toEqual(["Flask ==3.0.1", "uvicorn >=0.30,<1", "pywin32 ", "requests "]));

test("pyproject: the project's dependencies, not the build's", () =>
  expect(
    named(
      "pyproject.toml",
      '[build-system]\nrequires = ["hatchling"]\n\n[project]\nname = "a"\ndependencies = [\n  "flask>=3",\n  "rich[all]",\n]\n\n[project.scripts]\na = "a:b"\n',
    ),
  ).toEqual(["flask >=3", "rich "]));

test("go: blocks, single lines, and what others bring", () =>
  expect(
    named(
      "go.mod",
      "module a\n\ngo 1.24\n\nrequire github.com/a/b v1.2.3\nrequire (\n\tgolang.org/x/net v0.1.0 // indirect\n)\nreplace x => y\n",
    ),
  ).toEqual(["github.com/a/b v1.2.3", "golang.org/x/net v0.1.0 (indirect)"]));

test("NuGet: versions in an attribute, in an element, or elsewhere", () =>
  expect(
    named(
      "App.csproj",
      '<Project><ItemGroup><PackageReference Include="A" Version="1.0" /><!-- <PackageReference Include="No" Version="1"/> --><PackageReference Include="B"><Version>2.0</Version></PackageReference><PackageReference Include="C" /></ItemGroup></Project>',
    ),
  ).toEqual(["A 1.0", "B 2.0", "C "]));

test.each([
  ["web/package.json", "npm"],
  ["requirements.txt", "pypi"],
  ["src/App.csproj", "nuget"],
  ["go.sum", null],
  ["package-lock.json", null],
])("%s belongs to %s", (path, registry) => expect(registryOf(path)).toBe(registry));

test("a requirement is added, replaced and taken out", () => {
  expect(withRequirement("", "flask", "3.0")).toBe("flask==3.0\n");
  expect(withRequirement("flask\n", "rich", null)).toBe("flask\nrich\n");
  expect(withRequirement("# web\nFlask[async]>=2\nrich\n", "flask", "3.0")).toBe("# web\nflask[async]==3.0\nrich\n");
  expect(withoutRequirement("# web\nFlask>=2\nrich\n", "flask")).toBe("# web\nrich\n");
});

test("a project's dependency is added, replaced and taken out, and the rest stays", () => {
  const project = '[project]\nname = "a"\ndependencies = ["rich[all]>=1"]\n\n[tool.x]\ny = 1\n';
  const added = withProjectRequirement(project, "flask", "3.0");
  expect(added).toBe(
    '[project]\nname = "a"\ndependencies = [\n    "rich[all]>=1",\n    "flask==3.0",\n]\n\n[tool.x]\ny = 1\n',
  );
  expect(named("pyproject.toml", withProjectRequirement(added, "Flask", "4.0"))).toEqual(["rich >=1", "Flask ==4.0"]);
  expect(named("pyproject.toml", withoutProjectRequirement(added, "rich"))).toEqual(["flask ==3.0"]);
  expect(named("pyproject.toml", withProjectRequirement('[project]\nname = "a"\n', "x", null))).toEqual(["x "]);
  expect(() => withProjectRequirement('[project]\ndependencies = [\n  "a", # why\n]\n', "x", null)).toThrow("by hand");
});
