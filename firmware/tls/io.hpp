// What stands between the library and a call's bytes: input as a view, output to a sink, and the step budget.
//
// The library never hears that the sink is full: what the sink does not take waits in `tail`, and no further
// call goes into the library until the tail is gone. It is told "not now" only where a call's budget is used
// up.
#pragma once

#include <vector>

#include "firmware/tls/session.hpp"
#include "firmware/tls/wolfssl.hpp"

namespace postern::tls {

struct Io {
  // A handshake call works on one record of input, and in TLS 1.3 makes at most this many handshake records:
  // in the order in which servers send them, that is one key agreement or one signature.
  static constexpr int kRecordsOut = 2;
  // A read works on this many bytes of records without anything to show for it (key updates, empty records).
  static constexpr std::size_t kReadBudget = 40 * 1024;

  std::vector<std::uint8_t> replay;  // records already taken from the input, not yet given to the library
  std::size_t replay_at = 0;
  std::vector<std::uint8_t> tail;  // given out by the library, not yet taken by the sink
  std::size_t tail_at = 0;
  std::uint64_t taken_in = 0;  // bytes the library took from the input, ever
  std::uint64_t made = 0;      // bytes made by the library, ever

  // One call's.
  Bytes* input = nullptr;
  CipherSink* sink = nullptr;
  bool handshaking = false;
  bool out_of_budget = false;
  int records_out = 0;
  int records_in = 0;
  std::size_t bytes_in = 0;

  // Where the next record's border is, for counting records while handshaking.
  std::uint8_t header[5] = {};
  std::size_t header_have = 0;
  std::size_t body_left = 0;

  void begin(Bytes& call_input, CipherSink& call_sink, bool in_handshake);
  void end();
  // True where nothing is left for the sink to take.
  bool flush(CipherSink& to);

  int receive(char* out, int size);
  int send(const char* bytes, int size);

 private:
  Bytes source() const;
  void consume(std::size_t n);
  void follow_records(Bytes bytes);
};

// The library's callbacks; their context is the session's state.
int receive_callback(WOLFSSL* ssl, char* out, int size, void* context);
int send_callback(WOLFSSL* ssl, char* bytes, int size, void* context);

}  // namespace postern::tls
