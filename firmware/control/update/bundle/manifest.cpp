// What a signed update says of itself: see the header.
#include "firmware/control/update/bundle/manifest.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "platform/slots/version.hpp"

namespace postern::control::update {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostBoards = 64;
constexpr std::size_t kMostNotes = 16 * 1024;

struct Wrong {
  std::string what;
};

const Json& member(const Json& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end()) throw Wrong{std::string(name) + " is missing"};
  return *found;
}

std::string text_of(const Json& json, const char* name, std::size_t most, bool optional = false) {
  if (optional && !json.contains(name)) return {};
  const auto& value = member(json, name);
  if (!value.is_string() || value.get_ref<const std::string&>().size() > most)
    throw Wrong{std::string(name) + " is no text, or too long"};
  return value.get<std::string>();
}

// One line that may go to a terminal.
std::string name_of(const Json& json, const char* name) {
  auto text = text_of(json, name, 64);
  const auto good = [](char c) { return c > 0x20 && c < 0x7f; };
  if (text.empty() || !std::ranges::all_of(text, good))
    throw Wrong{std::string(name) + " has strange characters in it"};
  return text;
}

std::string version_of(const Json& json, const char* name) {
  auto text = name_of(json, name);
  if (!slots::parse_version(text)) throw Wrong{std::string(name) + " is no version"};
  return text;
}

std::uint64_t number_of(const Json& json, const char* name, std::uint64_t most) {
  const auto& value = member(json, name);
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > most || value.get<std::uint64_t>() == 0)
    throw Wrong{std::string(name) + " is no number, or too large"};
  return value.get<std::uint64_t>();
}

Hash hash_of(const Json& json, const char* name) {
  Hash hash;
  if (!from_hex(text_of(json, name, 64), hash)) throw Wrong{std::string(name) + " is no SHA-256"};
  return hash;
}

Manifest read(const Json& json) {
  if (!json.is_object()) throw Wrong{"it is no object"};
  if (number_of(json, "format", 1000) != 1) throw Wrong{"it is of a later format than this box knows"};
  if (text_of(json, "product", 64) != "postern") throw Wrong{"it is for another product"};
  Manifest manifest;
  const auto& boards = member(json, "boards");
  if (!boards.is_array() || boards.empty() || boards.size() > kMostBoards)
    throw Wrong{"boards is no list of boards"};
  for (const auto& board : boards) manifest.boards.push_back(name_of(Json{{"boards", board}}, "boards"));
  manifest.version = version_of(json, "version");
  manifest.floor = version_of(json, "floor");
  manifest.downgrade = json.value("downgrade", false);
  manifest.notes = text_of(json, "notes", kMostNotes, true);
  if (const auto base = json.find("base"); base != json.end()) {
    manifest.base = Base{.size = number_of(*base, "size", kMostImage),
                         .hash = hash_of(*base, "sha256"),
                         .version = version_of(*base, "version")};
  }
  const auto& images = member(json, "images");
  for (std::size_t i = 0; i < kImages; ++i) {
    const auto& image = member(images, std::string(kImageNames[i]).c_str());
    manifest.images[i] = {.size = number_of(image, "size", kMostImage),
                          .hash = hash_of(image, "sha256"),
                          .chunks = static_cast<std::uint32_t>(number_of(image, "chunks", kMostChunks)),
                          .table = hash_of(image, "table")};
  }
  return manifest;
}

}  // namespace

std::string Manifest::text() const {
  Json json{{"format", 1u},       {"product", "postern"}, {"boards", boards},
            {"version", version}, {"floor", floor},       {"downgrade", downgrade}};
  if (!notes.empty()) json["notes"] = notes;
  if (base) json["base"] = {{"version", base->version}, {"size", base->size}, {"sha256", hex(base->hash)}};
  for (std::size_t i = 0; i < kImages; ++i) {
    const auto& image = images[i];
    json["images"][std::string(kImageNames[i])] = {{"size", image.size},
                                                   {"sha256", hex(image.hash)},
                                                   {"chunks", image.chunks},
                                                   {"table", hex(image.table)}};
  }
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Outcome<Manifest> parse_manifest(std::string_view text) {
  try {
    return read(Json::parse(text));
  } catch (const Wrong& wrong) {
    return fault("the bundle's manifest is wrong: " + wrong.what);
  } catch (const nlohmann::json::exception&) {
    return fault("the bundle's manifest cannot be read");
  }
}

void put_row(std::vector<std::uint8_t>& table, const Row& row) {
  const auto at = table.size();
  table.resize(at + kRowBytes);
  std::copy(row.hash.begin(), row.hash.end(), table.begin() + static_cast<long>(at));
  store_be32(&table[at + 32], row.length);
  store_be32(&table[at + 36], row.from_base ? 1 : 0);
  store_be64(&table[at + 40], row.offset);
}

Outcome<std::vector<Row>> parse_table(Bytes table, const Manifest& manifest, Image image) {
  const auto& facts = manifest.images[static_cast<std::size_t>(image)];
  const auto wrong = [](const char* what) {
    return fault(std::string("the bundle's table of chunks is wrong: ") + what);
  };
  if (table.size() != facts.chunks * kRowBytes) return wrong("it has another length than it should");
  std::vector<Row> rows;
  std::uint64_t total = 0;
  for (; !table.empty(); table = table.subspan(kRowBytes)) {
    Row row{.hash = {},
            .length = load_be32(&table[32]),
            .from_base = load_be32(&table[36]) != 0,
            .offset = load_be64(&table[40])};
    std::copy_n(table.begin(), row.hash.size(), row.hash.begin());
    if (row.length == 0 || row.length > kMostChunk) return wrong("a chunk is empty or too long");
    if (load_be32(&table[36]) > 1) return wrong("a source that this box does not know");
    if (row.from_base &&
        (!manifest.base || row.offset > manifest.base->size || row.length > manifest.base->size - row.offset))
      return wrong("a chunk lies outside its source");
    total += row.length;
    rows.push_back(row);
  }
  if (total != facts.size) return wrong("its chunks do not make the image");
  return rows;
}

std::string hex(Bytes bytes) {
  std::string text(bytes.size() * 2 + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
  text.pop_back();
  return text;
}

bool from_hex(std::string_view text, MutableBytes into) {
  std::size_t length = 0;
  return sodium_hex2bin(into.data(), into.size(), text.data(), text.size(), nullptr, &length, nullptr) == 0 &&
         length == into.size() && text.size() == 2 * into.size();
}

}  // namespace postern::control::update
