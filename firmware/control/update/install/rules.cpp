// Whether a box takes a bundle: see the header.
#include "firmware/control/update/install/rules.hpp"

#include <algorithm>

#include "platform/slots/version.hpp"

namespace postern::control::update {

Outcome<void> admit(const Manifest& manifest, const Situation& situation) {
  if (std::ranges::find(manifest.boards, situation.board) == manifest.boards.end()) {
    std::string boards;
    for (const auto& board : manifest.boards) boards += (boards.empty() ? "" : ", ") + board;
    return fault("the bundle is for another board: it is for " + boards + ", and this box is " +
                 (situation.board.empty() ? "of no known board" : situation.board));
  }
  const auto offered = slots::parse_version(manifest.version);
  const auto floor = slots::parse_version(situation.floor);
  if (floor && *offered < *floor && !manifest.downgrade) {
    return fault("version " + manifest.version + " is older than " + situation.floor +
                 ", the oldest that this box may run");
  }
  const auto running = slots::parse_version(situation.version);
  if (running && *offered < *running && !situation.allow_older) {
    return fault("version " + manifest.version + " is older than " + situation.version +
                 ", which runs; --allow-older installs it all the same");
  }
  return {};
}

}  // namespace postern::control::update
