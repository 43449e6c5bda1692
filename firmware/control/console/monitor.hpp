// Live views: what becomes of each message, the data plane, the queue. 'q' ends them.
//
// A frame is drawn only when everything before it has left the line, and sends only what differs, so a slow
// line shows fewer frames and is never behind. Pure.
#pragma once

#include <functional>
#include <string>

#include "firmware/control/cli/top.hpp"
#include "firmware/control/console/desk.hpp"
#include "firmware/control/console/painter.hpp"
#include "firmware/control/console/station.hpp"

namespace postern::control::console {

class Monitor {
 public:
  Monitor(Desk& desk, const Station& station) : desk_(desk), station_(station) {}

  // "monitor mail", "monitor dataplane", "monitor queue".
  void begin(const std::string& what, std::function<void()> done);
  // `drained`: nothing waits to be sent any more.
  void tick(Instant now, bool drained);
  void end();

 private:
  enum class Kind : std::uint8_t { none, mail, dataplane, queue };
  void look();
  void mail(const Json& answer);
  void dataplane(const Json& status);
  void queue(const Json& answer);
  void frame(std::vector<std::string> lines);
  Duration every() const;

  Desk& desk_;
  const Station& station_;
  Kind kind_ = Kind::none;
  std::function<void()> done_;
  Painter painter_;
  bool asking_ = false;
  Instant next_{};
  Instant asked_{};
  std::uint64_t last_ = 0;
  bool head_ = true;
  cli::Look before_;
  cli::Look now_;
  std::string gathered_;
  std::uint64_t run_ = 0;
};

// The queue by the domain that has to get the mail, from `postern queue --json`.
std::vector<std::string> queue_lines(const Json& messages, std::size_t columns, std::size_t rows,
                                     bool colour);

}  // namespace postern::control::console
