// A Client under a random server. The first bytes choose what it is asked to do, the rest is what the server
// says. Looks for broken promises: a delivery without exactly one result per recipient, results that are
// neither 250, 4xx nor 5xx, words that are not printable, sent text that has an early end.
#include <cstdlib>

#include "firmware/smtp/client.hpp"

namespace {

using namespace postern;
using K = smtp::ClientStepKind;

void require(bool holds) {
  if (!holds) std::abort();
}

class Session {
 public:
  Session(Bytes choices, const smtp::ClientSettings& settings)
      : choices_(choices), client_(settings, counters_, now_) {
    envelope_.sender = {"a", "sender.example"};
    envelope_.recipients.push_back({{"user", "example.org"}, 3, "rfc822;x"});
    envelope_.recipients.push_back({{"o>\r\nDATA", "example.org"}, 0, {}});
    envelope_.recipients.push_back({{"j\xc3\xbc", "example.org"}, 0, {}});
    envelope_.body = next() % 4 == 0 ? mail::Body::eight_bit_mime : mail::Body::seven_bit;
  }

  void play(Bytes server) {
    while (!closed_ && !server.empty()) {
      const std::size_t piece = std::min<std::size_t>(server.size(), 1 + next());
      std::string held(as_text(server.first(piece)));
      server = server.subspan(piece);
      drive(as_bytes(held));
    }
    client_.connection_lost("gone\r\n");
    drive({});
    require(closed_ && !under_way_);
  }

 private:
  std::uint8_t next() { return choices_[at_++ % choices_.size()]; }

  void drive(Bytes input) {
    for (int i = 0; i < 10000; ++i) {
      const K step = client_.feed(input, now_);
      look_at_output();
      if (step == K::need_input) return;
      react(step);
      if (step == K::close) return;
    }
    require(false);
  }

  void react(K step) {
    switch (step) {
      case K::ready:
        begin();
        return;
      case K::start_tls:
        client_.tls_established();
        return;
      case K::need_body:
        send_body();
        return;
      case K::message_done:
        look_at_results();
        return;
      case K::close:
        closed_ = true;
        return;
      case K::need_input:
        return;
    }
  }

  void begin() {
    require(client_.idle() && !under_way_);
    if (++begun_ > 50) return client_.quit(now_);
    under_way_ = true;
    body_left_ = 3;
    switch (next() % 4) {
      case 0:
        expected_ = 1;
        client_.probe(envelope_.recipients[next() % 3].path, now_);
        return;
      case 1:
        expected_ = 1;
        client_.deliver(envelope_, {0}, next(), now_);
        return;
      case 2:
        under_way_ = false;
        client_.quit(now_);
        return;
      default:
        expected_ = 3;
        client_.deliver(envelope_, {2, 1, 0}, 30, now_);
    }
  }

  void send_body() {
    static constexpr std::string_view kPieces[] = {".\r\n..\r\na", "b\n.\nc\r", "\r\n.", "\r.\r"};
    if (body_left_-- > 0) {
      client_.body(as_bytes(kPieces[next() % std::size(kPieces)]), now_);
    } else {
      client_.body_end(now_);
    }
  }

  void look_at_results() {
    require(under_way_ && client_.results().size() == expected_);
    under_way_ = false;
    for (const smtp::RecipientResult& result : client_.results()) {
      require(result.code == 250 || (result.code >= 400 && result.code < 600));
      require(result.status.size() >= 5);
      for (const char c : result.text) require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7F);
    }
  }

  // Nothing goes out but whole lines with CRLF.
  void look_at_output() {
    for (const std::uint8_t c : client_.output()) {
      require(c != 0 && (last_ == '\r') == (c == '\n'));
      last_ = c;
    }
    const std::size_t size = client_.output().size();
    require(size < 1024 * 1024);
    client_.output_sent(size);
  }

  Bytes choices_;
  std::size_t at_ = 0;
  Now now_{Instant{} + std::chrono::hours(1), {}};
  smtp::Counters counters_;
  smtp::Client client_;
  mail::Envelope envelope_;
  std::uint8_t last_ = 0;
  std::size_t expected_ = 0;
  int body_left_ = 0;
  int begun_ = 0;  // a server that can take nothing would be offered messages for ever
  bool under_way_ = false;
  bool closed_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kChoices = 8;
  if (size < kChoices) return 0;
  smtp::ClientSettings settings;
  settings.host_name = "gate.example";
  settings.use_starttls = (data[0] & 1) != 0;
  settings.require_tls = (data[0] & 2) != 0;
  Session session({data, kChoices}, settings);
  session.play({data + kChoices, size - kChoices});
  return 0;
}
