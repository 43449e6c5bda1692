// The one main of every unit-test program. Leaks are found by the sanitizer builds, not by CppUTest's
// macros over new, which do not go together with C++20 library headers.
#include <CppUTest/CommandLineTestRunner.h>
#include <CppUTest/TestRegistry.h>

int main(int argc, char** argv) {
  MemoryLeakWarningPlugin::turnOffNewDeleteOverloads();
  return CommandLineTestRunner::RunAllTests(argc, argv);
}
