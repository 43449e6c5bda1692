#include "firmware/control/reporter/service/options.hpp"

#include "firmware/control/resolver/service/options.hpp"

namespace postern::reporter {
namespace {

std::int64_t seconds(const ipc::SettingsView& view, std::string_view name) {
  return std::chrono::duration_cast<std::chrono::seconds>(view.duration(name)).count();
}

std::string or_else(std::string_view text, std::string fallback) {
  return text.empty() ? std::move(fallback) : std::string(text);
}

}  // namespace

bool is_reporter_setting(std::string_view name) {
  return name.starts_with("tlsrpt.") || name.starts_with("resolver.") || name == "host_name" ||
         name == "log.level";
}

Result<ServiceOptions, Fault> service_options(const ipc::SettingsView& view) {
  ServiceOptions options;
  auto resolver = resolver::service_options(view);
  if (!resolver) return tl::unexpected(resolver.error());
  options.lookup = std::move(resolver->lookup);
  options.lookup.dns.sockets = 64;
  options.lookup.dns.record_bytes = 4u << 20;
  options.lookup.dns.anchor_file.clear();  // the resolver keeps it; two would quarrel
  options.database = view.text("tlsrpt.database");
  options.allow_private = view.boolean("tlsrpt.allow_private");
  auto& sender = options.sender;
  sender.send = view.boolean("tlsrpt.send");
  sender.host_name = view.text("host_name");
  sender.from = or_else(view.text("tlsrpt.from"), "tlsrpt@" + sender.host_name);
  sender.organization = or_else(view.text("tlsrpt.organization"), sender.host_name);
  sender.contact = or_else(view.text("tlsrpt.contact"), sender.from);
  sender.spread = seconds(view, "tlsrpt.spread");
  sender.retry = seconds(view, "tlsrpt.retry");
  sender.keep = seconds(view, "tlsrpt.keep");
  return options;
}

}  // namespace postern::reporter
