// What the command line says; one table of words that `--help` prints too.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/nic/fault_port.hpp"
#include "firmware/net/settings.hpp"
#include "firmware/tcp/settings.hpp"
#include "tools/tcp_host/client.hpp"
#include "tools/tcp_host/services.hpp"

namespace postern::tcp_host {

struct Options {
  std::string vdev;
  std::uint16_t core = 0;
  std::uint32_t megabytes = 128;
  bool offload = true;
  bool busy = false;  // never sleep
  std::optional<wire::MacAddress> mac;
  net::Interface interface;
  std::vector<net::StaticRoute> routes;
  net::Settings net;
  tcp::Settings tcp;
  std::vector<ServedPort> serve;
  std::optional<ClientSettings> connect;
  nic::FaultSettings faults;
  bool fault_sent = true;  // which directions the next fault option is about
  bool fault_received = true;
  std::string pcap;
  std::string json;
  double seconds = 0;  // 0: until told to stop, or until the client is done
};

struct Word {
  std::string_view name;
  std::string_view takes;  // empty: a switch
  std::string help;
  // Null where the text is good, else what it takes.
  std::function<const char*(Options&, std::string_view)> act;
};

struct Group {
  std::string_view title;
  std::vector<Word> words;
};

const std::vector<Group>& groups();
// Settings of the engines, made from tables of their own.
Group tcp_group();
Group net_group();

// The manual page.
void print_help();

// Ends the program with one line where something is wrong, and after --help.
Options read_options(int count, char** given);

// Numbers, chances (0 to 1, or "3%") and spans ("200ms", "2s"); false where the text is none.
bool read_number(std::string_view text, std::uint64_t& value);
bool read_chance(std::string_view text, double& value);
bool read_span(std::string_view text, Duration& value);
std::string span_text(Duration span);

}  // namespace postern::tcp_host
