#include <iostream>
#include <string>

// Edit this file, then press Run again.
int main() {
    std::cout << "Hello, C++\n"
              << "What is your name? " << std::flush;

    std::string name;
    if (!std::getline(std::cin, name) || name.empty()) {
        name = "stranger";
    }

    std::cout << "Nice to meet you, " << name << "!\n";
}
