// Plays packet scripts.
//
//   test-packet-scripts DIR...         all *.pkt below, each counted as a test
//   test-packet-scripts FILE...        these
//   test-packet-scripts --trace FILE   with every segment and call as it happens
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>

#include "tests/packet_scripts/player.hpp"

namespace {

namespace fs = std::filesystem;
using namespace postern::tcp::scripts;

std::string content_of(const fs::path& path) {
  std::ifstream file{path};
  if (!file) throw Fault{0, "cannot be read"};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<fs::path> scripts_below(const fs::path& path) {
  if (!fs::is_directory(path)) return {path};
  std::vector<fs::path> found;
  for (const auto& entry : fs::recursive_directory_iterator{path}) {
    if (entry.path().extension() == ".pkt") found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

// Two scripts with one claim are one script too many, or one claim too few.
bool play(const fs::path& path, bool trace, std::set<std::string>& claims) {
  try {
    const Script script = parse_script(content_of(path));
    if (trace) std::cout << path.string() << ": " << script.claim << '\n';
    if (!claims.insert(script.claim).second) throw Fault{1, "another script makes the same claim"};
    Player{script, trace ? &std::cout : nullptr}.play();
    return true;
  } catch (const Fault& fault) {
    std::cout << path.string() << ':' << fault.line << ": " << fault.text << "\n\n";
    return false;
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<fs::path> paths;
  bool trace = false;
  for (int i = 1; i < argc; ++i) {
    if (std::string_view{argv[i]} == "--trace") {
      trace = true;
      continue;
    }
    const auto found = scripts_below(argv[i]);
    paths.insert(paths.end(), found.begin(), found.end());
  }
  std::set<std::string> claims;
  std::size_t failed = 0;
  for (const fs::path& path : paths) failed += play(path, trace, claims) ? 0 : 1;
  const bool good = failed == 0 && !paths.empty();
  std::cout << (good ? "OK (" : "Errors (" + std::to_string(std::max<std::size_t>(failed, 1)) + " failures, ")
            << paths.size() << " tests, " << paths.size() << " ran)\n";
  return good ? 0 : 1;
}
