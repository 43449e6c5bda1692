// postern-spool: arguments, reading, and which verb prints what.
#include "tools/spool/spool_tool.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "firmware/dataplane/spool_writer/spool_files.hpp"
#include "firmware/spool/record.hpp"
#include "platform/process/descriptor.hpp"

namespace postern::tools {
namespace {

constexpr std::string_view kHelp =
    R"(postern-spool - list, show and check the mail in a Postern spool

SYNOPSIS
  postern-spool [--spool DIR] list [--json]
  postern-spool [--spool DIR] show ID [--body | --raw]
  postern-spool [--spool DIR] check
  postern-spool --help | --version

DESCRIPTION
  A spool holds what the gateway has taken and not yet handed on. postern-spool reads it from the disk. It
  changes nothing, takes no lock and needs no running gateway, so it can be used beside one, on a disk taken
  out of a broken box, or on a copy. Beside a running gateway it shows the state of a moment ago.

COMMANDS
  list [--json]   One line per message, oldest first: id, age, size, attempts, next attempt, sender and
                  recipients still owed, and the last words of whoever refused or deferred it.
                  --json prints an array of objects instead, one per message, for programs.
  show ID         Everything known of one message: envelope, how it came, each recipient's state, the last
                  reply, where its records are.
      --body      The message itself, as it was received, on standard output.
      --raw       The same with its trace of records: one line per body record on standard error.
  check           Reads every byte, verifies every checksum, says what is damaged and which message it hit.

OPTIONS
  --spool DIR     The spool directory. Default: /var/spool/postern.
  --help          This text.
  --version       The version.

EXIT STATUS
  0   done; for check: nothing is damaged
  1   for check: something is damaged; for show: no such message, or its body is damaged
  2   wrong arguments, or the spool cannot be read (one line says why)

EXAMPLES
  postern-spool list
  postern-spool show 036b49d33e000000 --body > message.eml
  postern-spool check || echo "look at the disk"
)";

struct Arguments {
  std::string directory{kDefaultSpool};
  std::string_view verb;
  std::string_view id;
  bool json = false;
  bool body = false;
  bool raw = false;
};

// The reason where they are wrong; else empty.
std::string parse(std::span<const std::string_view> words, Arguments& arguments) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto word = words[i];
    if (word == "--spool") {
      if (++i == words.size()) return "--spool needs a directory";
      arguments.directory = words[i];
    } else if (word == "--json" && arguments.verb == "list") {
      arguments.json = true;
    } else if (word == "--body" && arguments.verb == "show") {
      arguments.body = true;
    } else if (word == "--raw" && arguments.verb == "show") {
      arguments.raw = true;
    } else if (word.starts_with("-")) {
      return "unknown option " + std::string(word);
    } else if (arguments.verb.empty()) {
      arguments.verb = word;
    } else if (arguments.verb == "show" && arguments.id.empty()) {
      arguments.id = word;
    } else {
      return "unexpected argument " + std::string(word);
    }
  }
  if (arguments.verb.empty()) return "a command is missing";
  if (arguments.verb == "show" && spool::message_id_of(arguments.id) == 0) {
    return "show needs a message id of 16 hex digits, as list prints it";
  }
  return {};
}

int show(const std::vector<ShardContent>& shards, const Arguments& arguments, std::FILE* out,
         std::FILE* err) {
  const auto id = spool::message_id_of(arguments.id);
  for (const auto& shard : shards) {
    for (const auto& message : shard.messages) {
      if (message.id != id) continue;
      if (arguments.raw) {
        for (const auto& part : message.parts) {
          std::fprintf(err, "%s/%s at %llu: %u bytes, crc32c %08x\n", shard.directory.c_str(),
                       spool::segment_file_name(part.segment).c_str(),
                       static_cast<unsigned long long>(part.offset), part.length, part.crc);
        }
      }
      if (!arguments.body && !arguments.raw) {
        print_message(shard, message, out);
        return message.state == spool::ListedMessage::State::damaged ? 1 : 0;
      }
      if (message.state != spool::ListedMessage::State::damaged && write_body(shard, message, out)) return 0;
      std::fprintf(err, "postern-spool: the body of %s is damaged\n", spool::text(id).c_str());
      return 1;
    }
  }
  std::fprintf(err, "postern-spool: no message %s in %s\n", spool::text(id).c_str(),
               arguments.directory.c_str());
  return 1;
}

int run(const Arguments& arguments, const std::vector<ShardContent>& shards, std::FILE* out, std::FILE* err) {
  if (arguments.verb == "show") return show(shards, arguments, out, err);
  if (arguments.verb == "check") return print_check(shards, out) ? 0 : 1;
  (arguments.json ? print_list_json : print_list)(shards, out);
  return 0;
}

// Beside a running gateway a record may be seen half written: damage is what is still there after a second.
void forget_unfinished(std::vector<ShardContent>& shards, const std::string& directory) {
  const bool suspect =
      std::any_of(shards.begin(), shards.end(), [](const auto& shard) { return !shard.damages.empty(); });
  if (!suspect) return;
  ::sleep(1);
  auto again = read_spool(directory);
  if (!again) return;
  for (auto& shard : *again) {
    const auto before =
        std::find_if(shards.begin(), shards.end(), [&](const auto& one) { return one.shard == shard.shard; });
    std::erase_if(shard.damages, [&](const auto& damage) {
      return before == shards.end() ||
             std::none_of(before->damages.begin(), before->damages.end(), [&](const auto& known) {
               return known.segment == damage.segment && known.offset == damage.offset;
             });
    });
  }
  shards = std::move(*again);
}

}  // namespace

Result<std::vector<ShardContent>, Fault> read_spool(const std::string& directory) {
  std::vector<ShardContent> content;
  const auto shards = dataplane::shards_in(directory);
  if (!shards) return tl::unexpected(shards.error());
  for (const auto shard : *shards) {
    auto& one = content.emplace_back();
    one.shard = shard;
    one.directory = dataplane::shard_directory(directory, shard);
    spool::Reader reader(dataplane::salt_in(directory));
    const auto read = dataplane::read_shard(one.directory, reader);
    if (!read) return tl::unexpected(read.error());
    one.segments = read->segments;
    one.bytes = read->bytes;
    one.unreadable = read->unreadable;
    one.records = reader.records();
    one.incomplete = reader.incomplete();
    one.messages = reader.messages();
    one.damages = reader.damages();
  }
  return content;
}

bool write_body(const ShardContent& shard, const spool::ListedMessage& message, std::FILE* out) {
  std::vector<std::uint8_t> record;
  for (const auto& part : message.parts) {
    const auto path = shard.directory + "/" + spool::segment_file_name(part.segment);
    const process::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    record.resize(spool::kRecordHeader + part.length);
    const auto got = ::pread(file.get(), record.data(), record.size(), static_cast<off_t>(part.offset));
    if (got != static_cast<ssize_t>(record.size())) return false;
    const auto body = spool::body_of_record(record, message.id, part);
    if (body.size() != part.length || std::fwrite(body.data(), 1, body.size(), out) != body.size())
      return false;
  }
  return true;
}

int spool_tool(std::span<const std::string_view> words, std::FILE* out, std::FILE* err) {
  if (std::find(words.begin(), words.end(), "--help") != words.end()) {
    std::fwrite(kHelp.data(), 1, kHelp.size(), out);
    return 0;
  }
  if (std::find(words.begin(), words.end(), "--version") != words.end()) {
    std::fprintf(out, "postern-spool %s\n", POSTERN_VERSION);
    return 0;
  }
  Arguments arguments;
  auto wrong = parse(words, arguments);
  constexpr std::array<std::string_view, 3> kVerbs = {"list", "show", "check"};
  if (wrong.empty() && std::find(kVerbs.begin(), kVerbs.end(), arguments.verb) == kVerbs.end()) {
    wrong = "unknown command " + std::string(arguments.verb);
  }
  if (!wrong.empty()) {
    std::fprintf(err, "postern-spool: %s; postern-spool --help says more\n", wrong.c_str());
    return 2;
  }
  auto shards = read_spool(arguments.directory);
  if (shards && arguments.verb == "check") forget_unfinished(*shards, arguments.directory);
  if (!shards) {
    std::fprintf(err, "postern-spool: %s; run it as root, or name the directory with --spool\n",
                 shards.error().reason.c_str());
    return 2;
  }
  return run(arguments, *shards, out, err);
}

}  // namespace postern::tools
