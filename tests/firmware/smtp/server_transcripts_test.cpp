// Plays every transcript under transcripts/server against a Server: line by line, byte by byte, all at once
// where the client may pipeline, and cut in two at every position. What the server says must be the same each
// time.
#include <algorithm>
#include <cstdlib>
#include <functional>
#include <map>

#include "tests/firmware/smtp/server_driver.hpp"
#include "tests/firmware/smtp/transcript.hpp"

#include <CppUTest/TestHarness.h>

namespace postern::test {
namespace {

using smtp::ServerSettings;

// How the client's bytes arrive.
enum class Replay { lines, bytes, merged, cut };

std::uint64_t number(const std::string& text) {
  return std::strtoull(text.c_str(), nullptr, 10);
}

using SetSetting = std::function<void(ServerSettings&, const std::string&)>;

template <typename T>
SetSetting to(T ServerSettings::*field) {
  return [field](ServerSettings& settings, const std::string& value) {
    if constexpr (std::is_same_v<T, Duration>) {
      settings.*field = std::chrono::seconds(number(value));
    } else {
      settings.*field = static_cast<T>(number(value));
    }
  };
}

const std::map<std::string, SetSetting>& setting_fields() {
  static const std::map<std::string, SetSetting> kFields = {
      {"offer_starttls", to(&ServerSettings::offer_starttls)},
      {"require_tls", to(&ServerSettings::require_tls)},
      {"refuse_early_talkers", to(&ServerSettings::refuse_early_talkers)},
      {"message_bytes", to(&ServerSettings::message_bytes)},
      {"header_bytes", to(&ServerSettings::header_bytes)},
      {"line_bytes", to(&ServerSettings::line_bytes)},
      {"command_bytes", to(&ServerSettings::command_bytes)},
      {"recipients", to(&ServerSettings::recipients)},
      {"messages_per_session", to(&ServerSettings::messages_per_session)},
      {"commands_per_session", to(&ServerSettings::commands_per_session)},
      {"errors_per_session", to(&ServerSettings::errors_per_session)},
      {"received_hops", to(&ServerSettings::received_hops)},
      {"command_timeout", to(&ServerSettings::command_timeout)},
      {"data_timeout", to(&ServerSettings::data_timeout)},
      {"message_timeout", to(&ServerSettings::message_timeout)},
  };
  return kFields;
}

ServerSettings settings_of(const Transcript& transcript) {
  ServerSettings settings;
  settings.host_name = "mx.example";
  settings.served_domains = {"example.org", "example.net", "b\u00fccher.example"};
  for (const std::string& word : words(transcript.first("settings"))) {
    const std::size_t equals = word.find('=');
    const auto field = setting_fields().find(word.substr(0, equals));
    if (word == "served_domains=") {
      settings.served_domains.clear();
    } else if (field == setting_fields().end()) {
      FAIL((transcript.name + ": no setting " + word).c_str());
    } else {
      field->second(settings, word.substr(equals + 1));
    }
  }
  return settings;
}

class Player {
 public:
  Player(const Transcript& transcript, Replay replay, std::size_t cut)
      : transcript_(transcript),
        replay_(replay),
        cut_(cut),
        driver_(settings_of(transcript), transcript.first("peer") == "implicit_tls"),
        with_events_(transcript.has("event")) {}

  // "" or what went wrong.
  std::string play() {
    if (transcript_.has("early")) {
      driver_.give(transcript_.first("early"));
    } else {
      driver_.take_replies();
    }
    for (const TranscriptLine& line : transcript_.lines) {
      act(line);
      if (!fault_.empty()) return at(line) + fault_;
    }
    flush();
    return end();
  }

  std::size_t given() const { return given_; }

 private:
  std::string at(const TranscriptLine& line) const {
    return transcript_.name + ":" + std::to_string(line.number) + ": ";
  }

  void act(const TranscriptLine& line) {
    if (line.key == "S" || line.key == "event") {
      expected_.push_back(line.key + ": " + line.text);
    } else if (line.key == "C") {
      client(line.text + "\r\n");
    } else if (line.key == "raw") {
      client(line.text);
    } else if (line.key == "body") {
      body_ += line.text + "\r\n";
    } else if (line.key == "answer") {
      driver_.recipient_answers.push_back(recipient_answer(line.text));
    } else if (line.key == "begin") {
      driver_.begin_answers.push_back(store_answer(line.text));
    } else if (line.key == "store") {
      driver_.store_answers.push_back(store_answer(line.text));
    } else {
      outside(line);
    }
  }

  // What happens apart from the client's bytes: those before it have to be in.
  void outside(const TranscriptLine& line) {
    if (line.key == "tls") {
      flush();
      const std::size_t space = line.text.find(' ');
      driver_.tls(line.text.substr(0, space), line.text.substr(space + 1));
    } else if (line.key == "wait") {
      flush();
      driver_.wait(std::chrono::seconds(number(line.text)));
    } else if (line.key == "shutdown") {
      flush();
      driver_.shut_down();
    } else if (line.key == "full") {
      flush();
      driver_.server.accept_messages(line.text == "no");
    } else if (line.key == "counter") {
      flush();
      counter(line.text);
    } else if (line.key != "settings" && line.key != "peer" && line.key != "early" && line.key != "replay" &&
               line.key != "sender" && line.key != "recipient") {
      fault_ = "unknown key " + line.key;
    } else if (line.key == "recipient" || line.key == "sender") {
      flush();
      envelope(line);
    }
  }

  static ServerDriver::RecipientWords recipient_answer(const std::string& text) {
    const std::size_t space = std::min(text.find(' '), text.size());
    const std::string word = text.substr(0, space);
    const std::string reason = space < text.size() ? text.substr(space + 1) : "";
    if (word == "unknown") return {smtp::RecipientAnswer::unknown, reason};
    if (word == "later") return {smtp::RecipientAnswer::try_later, reason};
    return {smtp::RecipientAnswer::known, reason};
  }

  static smtp::StoreAnswer store_answer(const std::string& text) {
    if (text == "no_space") return smtp::StoreAnswer::no_space;
    return text == "failed" ? smtp::StoreAnswer::failed : smtp::StoreAnswer::stored;
  }

  void client(const std::string& bytes) {
    if (replay_ == Replay::lines) {
      check();
      driver_.give(bytes);
      return;
    }
    if (replay_ == Replay::merged) {
      kept_ += bytes;
      return;
    }
    for (const char c : bytes) {
      kept_ += c;
      if (replay_ == Replay::bytes || ++given_ == cut_) flush();
    }
  }

  void flush() {
    if (!kept_.empty()) driver_.give(kept_);
    kept_.clear();
  }

  std::vector<std::string> seen() const {
    if (with_events_) return driver_.log;
    std::vector<std::string> replies;
    for (const std::string& entry : driver_.log) {
      if (!entry.starts_with("event: ")) replies.push_back(entry);
    }
    return replies;
  }

  void check() { fault_ = compare(expected_, seen(), false); }

  void counter(const std::string& text) {
    const std::size_t equals = text.find('=');
    const auto values = counter_values(driver_.counters);
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (smtp::Counters::names[i].name != text.substr(0, equals)) continue;
      if (values[i] != number(text.substr(equals + 1))) fault_ = text + " is " + std::to_string(values[i]);
      return;
    }
    fault_ = "no counter " + text;
  }

  // Of the last stored message.
  void envelope(const TranscriptLine& line) {
    if (driver_.stored.empty()) {
      fault_ = "no message was stored";
      return;
    }
    const mail::Envelope& envelope = driver_.stored.back().envelope;
    if (line.key == "sender") {
      if (envelope.sender.text() != line.text) fault_ = "sender is " + envelope.sender.text();
      return;
    }
    for (const mail::Recipient& recipient : envelope.recipients) {
      if (recipient.path.text() + (recipient.original.empty() ? "" : " " + recipient.original) == line.text)
        return;
    }
    fault_ = "no recipient " + line.text;
  }

  std::string end() {
    check();
    if (!fault_.empty()) return transcript_.name + ": " + fault_;
    if (transcript_.has("body") && driver_.body != body_)
      return transcript_.name + ": body is " + driver_.body;
    if (driver_.open < 0) return transcript_.name + ": more messages ended than begun";
    return {};
  }

  const Transcript& transcript_;
  Replay replay_;
  std::size_t cut_;
  ServerDriver driver_;
  bool with_events_;
  std::vector<std::string> expected_;
  std::string body_;
  std::string kept_;
  std::string fault_;
  std::size_t given_ = 0;
};

bool wants(const Transcript& transcript, std::string_view replay) {
  const std::string list = transcript.first("replay");
  return list.empty() || list.find(replay) != std::string::npos;
}

std::size_t client_bytes(const Transcript& transcript) {
  std::size_t count = 0;
  for (const TranscriptLine& line : transcript.lines) {
    if (line.key == "C") count += line.text.size() + 2;
    if (line.key == "raw") count += line.text.size();
  }
  return count;
}

void play(const Transcript& transcript, Replay replay, std::size_t cut, const char* how) {
  const std::string fault = Player(transcript, replay, cut).play();
  if (!fault.empty()) FAIL((fault + " (" + how + ")").c_str());
}

}  // namespace

TEST_GROUP(server_transcripts){};

TEST(server_transcripts, hold_line_by_line) {
  const auto all = load_transcripts("server");
  CHECK(all.size() >= 80);
  for (const Transcript& transcript : all) {
    if (wants(transcript, "lines")) play(transcript, Replay::lines, 0, "line by line");
  }
}

TEST(server_transcripts, hold_byte_by_byte) {
  for (const Transcript& transcript : load_transcripts("server")) {
    if (wants(transcript, "bytes")) play(transcript, Replay::bytes, 0, "byte by byte");
  }
}

TEST(server_transcripts, hold_all_at_once) {
  for (const Transcript& transcript : load_transcripts("server")) {
    if (wants(transcript, "merged")) play(transcript, Replay::merged, 0, "all at once");
  }
}

TEST(server_transcripts, hold_cut_in_two_anywhere) {
  for (const Transcript& transcript : load_transcripts("server")) {
    if (!wants(transcript, "cut")) continue;
    // Long ones are cut at about 500 positions.
    const std::size_t size = client_bytes(transcript);
    const std::size_t stride = size < 2000 ? 1 : size / 500;
    for (std::size_t cut = 1; cut < size; cut += stride) play(transcript, Replay::cut, cut, "cut in two");
  }
}

}  // namespace postern::test
