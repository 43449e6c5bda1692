// Runs one fuzz target over its kept corpus, once per file: `fuzz-NAME SOURCE_DIR NAME`.
// Crashes found by `make fuzz` are put into the corpus and so become tests.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s SOURCE_DIR NAME\n", argv[0]);
    return 2;
  }
  const std::uint8_t nothing = 0;
  LLVMFuzzerTestOneInput(&nothing, 0);
  std::size_t inputs = 1;
  for (const auto& room : std::filesystem::directory_iterator(argv[1])) {
    const auto corpus = room.path() / "corpus" / argv[2];
    if (!std::filesystem::is_directory(corpus)) continue;
    for (const auto& entry : std::filesystem::directory_iterator(corpus)) {
      std::ifstream file(entry.path(), std::ios::binary);
      const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
      LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
      ++inputs;
    }
  }
  std::printf("%s: %zu inputs replayed\n", argv[2], inputs);
  return 0;
}
