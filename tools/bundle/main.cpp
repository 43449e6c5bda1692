// postern-bundle: makes, signs and inspects update bundles, and makes the keys that sign them.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>

#include "firmware/control/update/install/report.hpp"
#include "platform/process/descriptor.hpp"
#include "tools/bundle/make.hpp"

namespace {

using namespace postern;
using namespace postern::control::update;

constexpr const char* kUsage =
    "usage: postern-bundle key NAME [--owner TEXT]\n"
    "       postern-bundle make --key FILE --board BOARD[,BOARD...] --out FILE\n"
    "                           (--image DIR | --root FILE --kernel FILE --version VERSION)\n"
    "                           [--floor VERSION] [--downgrade] [--notes TEXT]\n"
    "                           [--base ROOT --base-version VERSION]\n"
    "       postern-bundle inspect FILE --keys DIR\n"
    "\n"
    "  key      writes NAME.key (keep it secret) and NAME.pub (put it into the image). An owner that begins "
    "with\n"
    "           TEST makes the box warn at each update.\n"
    "  make     --image takes root.img, postern.efi and the version in image.json from the image's build "
    "folder.\n"
    "           --floor: once this version is found good, the box takes none below it (default: any).\n"
    "           --downgrade: may go below a box's floor.\n"
    "           --base: leave out what a box that runs this root has already; where it saves less than a "
    "tenth, the\n"
    "           whole bundle is made and it says so.\n"
    "  inspect  reads a bundle as a box would, and says what it is.\n";

struct Complaint {
  std::string text;
};

using Options = std::map<std::string, std::string>;

Options read_options(int argc, char** argv) {
  Options options;
  for (int i = 2; i < argc; ++i) {
    const std::string word = argv[i];
    if (!word.starts_with("--")) {
      options["what"] = word;
    } else if (word == "--downgrade") {
      options[word] = "yes";
    } else if (++i < argc) {
      options[word] = argv[i];
    } else {
      throw Complaint{word + " needs a value"};
    }
  }
  return options;
}

const std::string& need(const Options& options, const std::string& name) {
  const auto found = options.find(name);
  if (found == options.end()) throw Complaint{name + " is missing; see --help"};
  return found->second;
}

std::string get(const Options& options, const std::string& name, const std::string& otherwise) {
  const auto found = options.find(name);
  return found != options.end() ? found->second : otherwise;
}

std::vector<std::uint8_t> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Complaint{"cannot read " + path};
  return {std::istreambuf_iterator<char>(file), {}};
}

int make_key(const Options& options) {
  const auto name = need(options, "what");
  std::array<std::uint8_t, crypto_sign_PUBLICKEYBYTES> open{};
  tools::SecretKey secret{};
  crypto_sign_keypair(open.data(), secret.data());
  const process::Descriptor file(
      ::open((name + ".key").c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  const auto text = hex(secret) + "\n";
  if (!file || ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    throw Complaint{"cannot write " + name + ".key; does it exist already?"};
  std::ofstream(name + ".pub") << hex(open) << " "
                               << get(options, "--owner", std::filesystem::path(name).filename()) << "\n";
  return 0;
}

tools::SecretKey read_key(const std::string& path) {
  tools::SecretKey key{};
  const auto bytes = read_file(path);
  auto text = as_text(bytes);
  while (text.ends_with('\n')) text.remove_suffix(1);
  if (!from_hex(text, key)) throw Complaint{path + " holds no secret key"};
  return key;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> all;
  std::string one;
  for (const char c : text + ",") {
    if (c != ',') {
      one += c;
    } else if (!one.empty()) {
      all.push_back(std::exchange(one, {}));
    }
  }
  return all;
}

tools::Recipe read_recipe(const Options& options) {
  tools::Recipe recipe;
  auto& manifest = recipe.manifest;
  manifest.boards = split(need(options, "--board"));
  manifest.downgrade = options.contains("--downgrade");
  manifest.notes = get(options, "--notes", "");
  if (const auto image = options.find("--image"); image != options.end()) {
    recipe.images = {read_file(image->second + "/root.img"), read_file(image->second + "/postern.efi")};
    const auto facts = read_file(image->second + "/image.json");
    const auto json = nlohmann::json::parse(as_text(facts), nullptr, false);
    manifest.version = json.is_object() ? json.value("version", "") : "";
  } else {
    recipe.images = {read_file(need(options, "--root")), read_file(need(options, "--kernel"))};
  }
  manifest.version = get(options, "--version", manifest.version);
  manifest.floor = get(options, "--floor", "0");
  return recipe;
}

int make(const Options& options) {
  const auto key = read_key(need(options, "--key"));
  auto recipe = read_recipe(options);
  auto made = tools::make_bundle(recipe, key);
  if (options.contains("--base")) {
    auto smaller = recipe;
    smaller.base = read_file(need(options, "--base"));
    smaller.base_version = need(options, "--base-version");
    auto difference = tools::make_bundle(smaller, key);
    if (difference.bytes.size() < made.bytes.size() / 10 * 9) {
      made = std::move(difference);
    } else {
      std::printf("the difference would save less than a tenth: this is the whole bundle\n");
    }
  }
  // Read as a box will read it: a wrong manifest is better found here.
  if (const auto good = parse_manifest(made.manifest.text()); !good) throw Complaint{good.error().reason};
  const auto& path = need(options, "--out");
  std::ofstream file(path, std::ios::binary);
  file.write(as_text(made.bytes).data(), static_cast<std::streamsize>(made.bytes.size()));
  file.close();
  if (!file) throw Complaint{"cannot write " + path};
  std::printf("%s: version %s, %zu bytes", path.c_str(), made.manifest.version.c_str(), made.bytes.size());
  if (made.reused != 0)
    std::printf(", %llu bytes taken from the running slot", static_cast<unsigned long long>(made.reused));
  std::printf("\n");
  return 0;
}

int inspect_bundle(const Options& options) {
  const auto keys = load_keys(need(options, "--keys"));
  if (!keys) throw Complaint{keys.error().reason};
  std::ifstream file(need(options, "what"), std::ios::binary);
  if (!file) throw Complaint{"cannot read " + need(options, "what")};
  const auto seen = inspect(*keys, [&file](MutableBytes into) -> Outcome<std::size_t> {
    file.read(reinterpret_cast<char*>(into.data()), static_cast<std::streamsize>(into.size()));
    return static_cast<std::size_t>(file.gcount());
  });
  if (!seen) throw Complaint{seen.error().reason};
  auto json = manifest_json(seen->manifest);
  json["signed_by"] = seen->signed_by;
  std::printf("%s\n", json.dump(2).c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string verb = argc > 1 ? argv[1] : "--help";
  if (verb == "--help" || verb == "-h") return std::fputs(kUsage, stdout) < 0;
  try {
    if (sodium_init() < 0) throw Complaint{"libsodium does not start"};
    const auto options = read_options(argc, argv);
    if (verb == "key") return make_key(options);
    if (verb == "make") return make(options);
    if (verb == "inspect") return inspect_bundle(options);
    throw Complaint{"there is no '" + verb + "'; there are: key, make, inspect"};
  } catch (const Complaint& complaint) {
    std::fprintf(stderr, "postern-bundle: %s\n", complaint.text.c_str());
    return 1;
  }
}
