#include "firmware/control/reporter/taking.hpp"

#include "firmware/control/outbox/intake.hpp"
#include "firmware/control/reporter/report/mail_reader.hpp"
#include "platform/log/log.hpp"

namespace postern::reporter {

Taken take_reports(Store& store, const std::string& directory, std::size_t most, std::int64_t now) {
  Taken taken;
  for (const auto& name : control::list_intake(directory, most)) {
    const auto content = control::read_from_intake(directory, name);
    const auto report = content ? read_received(*content) : fault("it is too large");
    if (report) {
      ++(store.keep(*report, now) ? taken.kept : taken.known);
    } else {
      ++taken.faulty;
      log::write(log::Level::notice, "reporter",
                 "what came as a TLS report cannot be read and was set aside as " + directory + "/" + name +
                     ".unread: " + report.error().reason);
      control::set_aside_in_intake(directory, name);
      continue;
    }
    control::remove_from_intake(directory, name);
  }
  return taken;
}

}  // namespace postern::reporter
