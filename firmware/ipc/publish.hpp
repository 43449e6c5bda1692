// publish: a new generation. With it come two descriptors with frozen content: settings_snapshot.hpp and
// credentials.hpp.
#pragma once

#include <cstdint>

#include "firmware/ipc/hello.hpp"
#include "firmware/ipc/message.hpp"

namespace postern::ipc {

struct Publish {
  std::uint64_t generation = 0;
  Digest digest{};
};

std::vector<std::uint8_t> write(const Publish& publish);
std::optional<Publish> read_publish(Bytes body);

}  // namespace postern::ipc
