// postern-spool: see spool_tool.hpp.
#include "tools/spool/spool_tool.hpp"

int main(int argc, char** argv) {
  const std::vector<std::string_view> arguments(argv + 1, argv + argc);
  return postern::tools::spool_tool(arguments, stdout, stderr);
}
