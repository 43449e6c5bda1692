// The command line: one table of words, each with what it does and its line of help.
#include "tools/load/options.hpp"

#include <charconv>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <string_view>

namespace postern::load {

namespace {

[[noreturn]] void refuse(const std::string& why) {
  std::cerr << "postern-load: " << why << " (try --help)\n";
  std::exit(2);
}

template <typename Number>
Number read_number(std::string_view word, std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    refuse(std::string(word) + " takes a number, not '" + std::string(text) + "'");
  }
  return value;
}

template <typename Value>
Value one_of(std::string_view word, std::string_view text,
             std::initializer_list<std::pair<std::string_view, Value>> table) {
  for (const auto& [name, value] : table) {
    if (name == text) return value;
  }
  refuse(std::string(word) + " does not know '" + std::string(text) + "'");
}

struct Word {
  std::string_view name;
  std::string_view takes;  // empty: a switch
  std::string_view help;
  std::function<void(Options&, std::string_view)> act;
};

const std::vector<Word>& words() {
  static const std::vector<Word> table = {
      {"--mode", "send|handshake|idle", "what to do (send)",
       [](Options& o, std::string_view t) {
         o.mode = one_of<Mode>("--mode", t,
                               {{"send", Mode::send}, {"handshake", Mode::handshake}, {"idle", Mode::idle}});
       }},
      {"--server", "ADDRESS", "IPv4 or IPv6 address", [](Options& o, std::string_view t) { o.server = t; }},
      {"--port", "N", "TCP port (25)",
       [](Options& o, std::string_view t) { o.port = read_number<std::uint16_t>("--port", t); }},
      {"--tls", "none|starttls|implicit", "(starttls)",
       [](Options& o, std::string_view t) {
         o.tls = one_of<Tls>("--tls", t,
                             {{"none", Tls::none}, {"starttls", Tls::starttls}, {"implicit", Tls::implicit}});
       }},
      {"--connections", "N", "open at once (20)",
       [](Options& o, std::string_view t) {
         o.connections = read_number<std::uint32_t>("--connections", t);
       }},
      {"--per-connection", "N", "messages before QUIT (20)",
       [](Options& o, std::string_view t) {
         o.per_connection = read_number<std::uint32_t>("--per-connection", t);
       }},
      {"--total", "N", "messages or handshakes in all; 0: until the time is over",
       [](Options& o, std::string_view t) { o.total = read_number<std::uint64_t>("--total", t); }},
      {"--seconds", "N", "how long; with --mode idle: how long to hold the connections",
       [](Options& o, std::string_view t) { o.seconds = read_number<double>("--seconds", t); }},
      {"--size", "BYTES", "of a message (4096)",
       [](Options& o, std::string_view t) { o.size = read_number<std::uint64_t>("--size", t); }},
      {"--from", "ADDRESS", "sender", [](Options& o, std::string_view t) { o.sender = t; }},
      {"--to", "ADDRESS", "recipient; a % in it is a number, see --spread",
       [](Options& o, std::string_view t) { o.recipient = t; }},
      {"--spread", "N", "numbers from 0 to N-1, in turn (1)",
       [](Options& o, std::string_view t) { o.spread = read_number<std::uint64_t>("--spread", t); }},
      {"--source", "ADDRESS", "connect from here; may be given often, used in turn",
       [](Options& o, std::string_view t) { o.sources.emplace_back(t); }},
      {"--tls-version", "1.2|1.3", "no other", [](Options& o, std::string_view t) { o.tls_version = t; }},
      {"--name", "HOST", "asked for in TLS (mx.example.org)",
       [](Options& o, std::string_view t) { o.name = t; }},
      {"--signature", "ecdsa|rsa", "no other kind of certificate",
       [](Options& o, std::string_view t) { o.signature = t; }},
      {"--id", "TEXT", "messages start with X-Lab-Id: TEXT-<number>",
       [](Options& o, std::string_view t) { o.id = t; }},
      {"--record", "FILE", "write the id of each message that heard 250",
       [](Options& o, std::string_view t) { o.record = t; }},
      {"--resume", "", "offer the ticket of the connection before",
       [](Options& o, std::string_view) { o.resume = true; }},
      {"--persist", "", "open broken connections again instead of giving them up",
       [](Options& o, std::string_view) { o.persist = true; }},
  };
  return table;
}

[[noreturn]] void help() {
  std::cout << "postern-load: SMTP load from one thread over kernel sockets; prints one line of JSON.\n\n";
  for (const auto& word : words()) {
    std::string left = "  " + std::string(word.name) + " " + std::string(word.takes);
    left.resize(std::max<std::size_t>(left.size() + 1, 34), ' ');
    std::cout << left << word.help << '\n';
  }
  std::exit(0);
}

const Word& find(std::string_view name) {
  for (const auto& word : words()) {
    if (word.name == name) return word;
  }
  refuse("unknown word '" + std::string(name) + "'");
}

}  // namespace

Options read_options(int count, char** given) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string_view name = given[i];
    if (name == "--help" || name == "-h") help();
    const Word& word = find(name);
    if (!word.takes.empty() && i + 1 >= count)
      refuse(std::string(name) + " takes " + std::string(word.takes));
    word.act(options, word.takes.empty() ? std::string_view{} : given[++i]);
  }
  if (options.connections == 0 || options.per_connection == 0)
    refuse("at least one connection and one message");
  if (options.mode != Mode::idle && options.total == 0 && options.seconds == 0)
    refuse("--total or --seconds");
  return options;
}

}  // namespace postern::load
