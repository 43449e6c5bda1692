#include "firmware/init/locked.hpp"

#include "firmware/init/prompt.hpp"

namespace postern::init {

bool unlock_by_hand(const std::string& device, const Storage& storage, const std::function<void()>& between) {
  Prompt prompt(device);
  const auto ask = [&] {
    prompt.show(
        "\r\nThe data of this box is closed. Type its recovery key, or FORGET EVERYTHING to begin anew: ");
  };
  std::string line;
  for (ask();; between()) {
    if (!prompt.take(line)) continue;
    if (line == "FORGET EVERYTHING") {
      const auto done = factory_reset(storage);
      prompt.show(done ? "\r\nForgotten. The box starts anew.\r\n" : "\r\n" + done.error().reason + "\r\n");
      if (done) return false;
    } else if (!line.empty()) {
      if (open_data_with(storage, line)) return true;
      prompt.show("\r\nThat is not the recovery key.\r\n");
    }
    ask();
  }
}

}  // namespace postern::init
