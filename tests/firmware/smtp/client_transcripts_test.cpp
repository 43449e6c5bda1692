// Plays every transcript under transcripts/client against a Client: the server's replies line by line, byte
// by byte, and as many at once as stand together. What the client says must be the same each time.
#include <algorithm>
#include <cstdlib>

#include "tests/firmware/smtp/client_driver.hpp"
#include "tests/firmware/smtp/transcript.hpp"

#include <CppUTest/TestHarness.h>

namespace postern::test {
namespace {

enum class Replay { lines, bytes, groups };

smtp::ClientSettings settings_of(const Transcript& transcript) {
  smtp::ClientSettings settings;
  settings.host_name = "gate.example";
  const auto all = words(transcript.first("settings"));
  if (word_value(all, "use_starttls") == "0") settings.use_starttls = false;
  if (word_value(all, "require_tls") == "1") settings.require_tls = true;
  return settings;
}

std::vector<std::string> cut(std::string text, char at) {
  std::vector<std::string> parts;
  for (std::size_t end = text.find(at); end != std::string::npos; end = text.find(at)) {
    parts.push_back(text.substr(0, end));
    text.erase(0, end + 1);
  }
  parts.push_back(text);
  return parts;
}

// A path without any check: what is malformed shall reach the client.
mail::Path path_of(const std::string& text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string::npos) return {text, {}};
  return {text.substr(0, at), text.substr(at + 1)};
}

std::uint8_t notify_of(const std::string& text) {
  std::uint8_t bits = 0;
  for (const std::string& word : cut(text, ',')) {
    if (word == "never") bits |= mail::kNotifyNever;
    if (word == "success") bits |= mail::kNotifySuccess;
    if (word == "failure") bits |= mail::kNotifyFailure;
    if (word == "delay") bits |= mail::kNotifyDelay;
  }
  return bits;
}

bool has_word(const std::vector<std::string>& all, std::string_view word) {
  return std::find(all.begin(), all.end(), word) != all.end();
}

mail::Envelope envelope_of(const std::vector<std::string>& all) {
  mail::Envelope envelope;
  envelope.sender = path_of(word_value(all, "from"));
  for (const std::string& to : cut(word_value(all, "to"), ',')) {
    envelope.recipients.push_back(
        {path_of(to), notify_of(word_value(all, "notify")), word_value(all, "orcpt")});
  }
  if (has_word(all, "8bit")) envelope.body = mail::Body::eight_bit_mime;
  envelope.smtputf8 = has_word(all, "utf8");
  if (word_value(all, "ret") == "full") envelope.ret = mail::Return::full;
  if (word_value(all, "ret") == "hdrs") envelope.ret = mail::Return::headers;
  envelope.envelope_id = word_value(all, "envid");
  return envelope;
}

class Player {
 public:
  Player(const Transcript& transcript, Replay replay)
      : transcript_(transcript), replay_(replay), driver_(settings_of(transcript)) {}

  std::string play() {
    for (const TranscriptLine& line : transcript_.lines) {
      act(line);
      if (!fault_.empty()) return transcript_.name + ":" + std::to_string(line.number) + ": " + fault_;
    }
    flush();
    fault_ = compare(expected_, driver_.log, false);
    return fault_.empty() ? "" : transcript_.name + ": " + fault_;
  }

 private:
  void act(const TranscriptLine& line) {
    if (line.key == "S") return server(line.text + "\r\n");
    if (line.key == "raw") return server(line.text);
    flush();
    if (line.key == "C" || line.key == "event") {
      expected_.push_back(line.key + ": " + line.text);
    } else if (line.key == "text") {
      driver_.body += line.text + "\r\n";
    } else if (line.key == "rawtext") {
      driver_.body += line.text;
    } else if (line.key == "piece") {
      driver_.body_piece = static_cast<std::size_t>(std::atoi(line.text.c_str()));
    } else if (line.key == "deliver") {
      deliver(words(line.text));
    } else if (line.key == "probe") {
      driver_.probe(path_of(line.text));
    } else if (line.key == "quit") {
      driver_.quit();
    } else if (line.key == "tls") {
      driver_.tls();
    } else if (line.key == "lost") {
      driver_.lose(line.text);
    } else if (line.key == "wait") {
      driver_.wait(std::chrono::seconds(std::atoi(line.text.c_str())));
    } else {
      look(line);
    }
  }

  void deliver(const std::vector<std::string>& all) {
    envelope_ = envelope_of(all);
    std::vector<std::uint32_t> wanted;
    for (std::uint32_t i = 0; i < envelope_.recipients.size(); ++i) wanted.push_back(i);
    const std::string size = word_value(all, "size");
    result_at_ = 0;
    driver_.deliver(envelope_, wanted,
                    size.empty() ? driver_.body.size() : std::strtoull(size.c_str(), nullptr, 10));
  }

  void look(const TranscriptLine& line) {
    if (line.key == "result") {
      look_at_result(line.text);
    } else if (line.key == "failure") {
      expect(line.text, std::string(driver_.client.failure()));
    } else if (line.key == "last_reply") {
      expect(line.text, std::string(driver_.client.last_reply()));
    } else if (line.key == "counter") {
      counter(line.text);
    } else if (line.key == "offers_dsn") {
      expect(line.text, driver_.client.offers_dsn() ? "yes" : "no");
    } else if (line.key == "exhausted") {
      expect(line.text, driver_.client.exhausted() ? "yes" : "no");
    } else if (line.key != "settings" && line.key != "replay") {
      fault_ = "unknown key " + line.key;
    }
  }

  void expect(const std::string& wanted, const std::string& seen) {
    fault_ = compare({wanted}, {seen}, false);
  }

  // The next result of the last message.
  void look_at_result(const std::string& text) {
    if (driver_.results.empty() || result_at_ >= driver_.results.back().size()) {
      fault_ = "no such result";
      return;
    }
    const smtp::RecipientResult& result = driver_.results.back()[result_at_++];
    expect(text, std::to_string(result.code) + " " + result.status + " " + result.text);
  }

  void counter(const std::string& text) {
    const std::size_t equals = text.find('=');
    const auto values = counter_values(driver_.counters);
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (smtp::Counters::names[i].name != text.substr(0, equals)) continue;
      expect(text.substr(equals + 1), std::to_string(values[i]));
      return;
    }
    fault_ = "no counter " + text;
  }

  void server(const std::string& bytes) {
    if (replay_ == Replay::groups) {
      kept_ += bytes;
    } else if (replay_ == Replay::lines) {
      driver_.give(bytes);
    } else {
      for (const char c : bytes) driver_.give(std::string_view(&c, 1));
    }
  }

  void flush() {
    if (!kept_.empty()) driver_.give(kept_);
    kept_.clear();
  }

  const Transcript& transcript_;
  Replay replay_;
  ClientDriver driver_;
  mail::Envelope envelope_;
  std::vector<std::string> expected_;
  std::string kept_;
  std::string fault_;
  std::size_t result_at_ = 0;
};

void play_all(Replay replay, const char* how) {
  for (const Transcript& transcript : load_transcripts("client")) {
    const std::string list = transcript.first("replay");
    if (!list.empty() && list.find(how) == std::string::npos) continue;
    const std::string fault = Player(transcript, replay).play();
    if (!fault.empty()) FAIL((fault + " (" + how + ")").c_str());
  }
}

}  // namespace

TEST_GROUP(client_transcripts){};

TEST(client_transcripts, are_all_there) {
  CHECK(load_transcripts("client").size() >= 30);
}
TEST(client_transcripts, hold_line_by_line) {
  play_all(Replay::lines, "lines");
}
TEST(client_transcripts, hold_byte_by_byte) {
  play_all(Replay::bytes, "bytes");
}
TEST(client_transcripts, hold_in_groups) {
  play_all(Replay::groups, "groups");
}

}  // namespace postern::test
