// The kernel's interface under lwIP: whole Ethernet frames through a packet socket.
//
// lwIP's headers and the system's do not get along in one file, so this one knows nothing of lwIP.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace lwip_peer {

class Link {
 public:
  // Ends the program with one line where the interface cannot be opened.
  explicit Link(const char* interface);

  // Waits for a frame; returns its length, 0 where there was none worth reading.
  std::size_t receive(std::uint8_t* into, std::size_t room) const;
  void send(const std::uint8_t* frame, std::size_t length) const;
  const std::array<std::uint8_t, 6>& mac() const { return mac_; }

 private:
  int socket_;
  std::array<std::uint8_t, 6> mac_{};
};

}  // namespace lwip_peer
