// The first screen: see the header.
#include "firmware/control/console/banner.hpp"

#include "firmware/control/cli/figures.hpp"
#include "firmware/control/cli/table.hpp"
#include "firmware/ipc/settings_value.hpp"

namespace postern::control::console {

namespace {

constexpr std::string_view kNotYet = "not yet";

std::string word(const Json& from, std::string_view key) {
  const auto found = from.is_object() ? from.find(std::string(key)) : from.end();
  if (found == from.end() || found->is_null()) return {};
  return cli::printable(found->is_string() ? found->get<std::string>() : found->dump());
}

const Json& part(const Json& from, const char* key) {
  static const Json kNone = Json::object();
  const auto found = from.is_object() ? from.find(key) : from.end();
  return found == from.end() ? kNone : *found;
}

std::string line(std::string_view label, const std::string& value) {
  std::string front(label);
  front.resize(12, ' ');
  return "  " + front + (value.empty() ? std::string(kNotYet) : value) + "\n";
}

// The management port's addresses, which the kernel has, then those of the ports that carry mail.
std::string address_lines(const BannerFacts& facts) {
  std::string all;
  const auto add = [&](const std::string& text) {
    all += line(all.empty() ? "addresses" : "", text.substr(0, 64));
  };
  for (const auto& one : part(facts.addresses, "addresses"))
    add(word(one, "name") + "  " + word(one, "address"));
  for (const auto& [name, value] : part(facts.addresses, "values").items()) {
    if (!name.starts_with("interface.") || !name.ends_with(".addresses") || !value.is_string()) continue;
    const auto port = name.substr(10, name.size() - 20);
    for (const auto address : ipc::split_list(value.get_ref<const std::string&>()))
      add(cli::printable(port) + "  " + cli::printable(address) + "  (mail)");
  }
  return all.empty() ? line("addresses", "") : all;
}

std::string first_address(const Json& answer) {
  for (const auto& one : part(answer, "addresses")) {
    const auto address = word(one, "address");
    const auto plain = address.substr(0, address.find('/'));
    if (!plain.empty()) return plain.find(':') != std::string::npos ? "[" + plain + "]" : plain;
  }
  return {};
}

std::string health(const Json& status) {
  const auto state = word(part(status, "dataplane"), "state");
  if (status.empty() || status.contains("error")) return "postern-control does not answer";
  const auto queued = cli::figure(part(status, "counters"), "queued");
  return (state == "attached" ? "mail runs" : "mail does not run") + std::string(", queue ") +
         cli::with_separators(queued) + (part(status, "warnings").empty() ? "" : ", there are warnings");
}

std::string web_url(const BannerFacts& facts) {
  if (const auto told = word(part(facts.status, "web"), "url"); !told.empty()) return told;
  if (const auto told = word(facts.setup, "url"); !told.empty()) return told;
  const auto address = first_address(facts.addresses);
  return address.empty() || word(part(facts.web, "entry"), "fingerprint").empty()
             ? ""
             : "https://" + address + "/";
}

}  // namespace

std::string grouped(const std::string& hex) {
  std::string all;
  for (std::size_t i = 0; i < hex.size(); ++i) {
    if (i != 0 && i % 32 == 0) {
      all += "\n" + std::string(14, ' ');
    } else if (i != 0 && i % 4 == 0) {
      all += ' ';
    }
    all += hex[i];
  }
  return all;
}

std::string banner_text(const BannerFacts& facts, const Station& station) {
  const auto& status = facts.status;
  const auto slot = word(status, "slot");
  std::string all = "\nPostern " + word(status, "version") + ", a mail gateway\n\n";
  all += line("name", word(status, "host_name"));
  all += line("slot", slot);
  all += address_lines(facts);
  all += line("web", web_url(facts));
  auto fingerprint = word(part(status, "web"), "fingerprint");
  if (fingerprint.empty()) fingerprint = word(part(facts.web, "entry"), "fingerprint");
  all += line("SHA-256", grouped(fingerprint));
  const auto code = word(facts.setup, "code");
  const bool pending = !facts.setup.contains("claimed") || word(facts.setup, "claimed") != "true";
  if (pending && (station.physical || code.empty())) all += line("setup code", code);
  all += line("health", health(status));
  return all + "\n";
}

}  // namespace postern::control::console
