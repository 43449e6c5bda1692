// A Server under random bytes and random answers. The first bytes choose the settings, the cuts and the
// answers, the rest is what the client sends. Besides memory errors it looks for broken promises: a message
// that ends without having begun, a step after the end, unbounded replies, text with bare line ends.
#include <cstdlib>

#include "firmware/smtp/server.hpp"

namespace {

using namespace postern;
using K = smtp::StepKind;

void require(bool holds) {
  if (!holds) std::abort();
}

// Takes its choices from the front of the input, and zero when there are none left.
class Choices {
 public:
  explicit Choices(Bytes bytes) : bytes_(bytes) {}
  std::uint8_t next() { return bytes_.empty() ? 0 : bytes_[at_++ % bytes_.size()]; }

 private:
  Bytes bytes_;
  std::size_t at_ = 0;
};

smtp::Peer peer(std::uint8_t bits) {
  smtp::Peer made;
  made.implicit_tls = (bits & 1) != 0;
  made.may_relay = (bits & 2) != 0;
  made.offer_auth = (bits & 4) != 0;
  made.submission = (bits & 8) != 0;
  return made;
}

class Session {
 public:
  Session(Bytes choices, const smtp::ServerSettings& settings)
      : choices_(choices), server_(settings, counters_, peer(choices_.next()), now_) {
    if (choices_.next() % 16 != 0) server_.replies_sent(server_.replies().size());
  }

  void play(Bytes client) {
    while (!closed_) {
      const std::size_t piece =
          std::min<std::size_t>(client.size(), 1 + choices_.next() * (1 + choices_.next() % 8));
      std::string held(as_text(client.first(piece)));  // its own memory: views into it must not be kept
      client = client.subspan(piece);
      Bytes view = as_bytes(held);
      drive(view);
      if (client.empty()) break;
      pass_time();
    }
    server_.shut_down();
    Bytes none;
    drive(none);
  }

 private:
  void drive(Bytes& input) {
    for (int idle = 0; idle < 3;) {
      const smtp::Step step = server_.feed(input, now_);
      require(server_.replies().size() < 64 * 1024);
      const std::size_t before = input.size();
      react(step);
      if (choices_.next() % 4 != 0) server_.replies_sent(server_.replies().size());
      if (step.kind == K::close) return;
      if (step.kind == K::need_input && (before == 0 || ++idle == 3)) return;
    }
  }

  void react(const smtp::Step& step) {
    require(!closed_ || step.kind == K::close);
    switch (step.kind) {
      case K::need_input:
        return;
      case K::start_tls:
        server_.tls_established({"TLSv1.3", "TLS_AES_128_GCM_SHA256", {}});
        return;
      case K::check_login:
        server_.login_checked(static_cast<smtp::LoginAnswer>(choices_.next() % 3));
        return;
      case K::check_recipient:
        require(!server_.recipient().is_null());
        server_.recipient_checked(static_cast<smtp::RecipientAnswer>(choices_.next() % 3), "words\r\n");
        return;
      case K::begin_message:
        require(!open_ && !server_.envelope().recipients.empty());
        open_ = choices_.next() % 4 != 0;
        text_.clear();
        server_.message_begun(open_ ? smtp::StoreAnswer::stored : smtp::StoreAnswer::no_space);
        return;
      case K::body:
        require(open_ && !step.body.empty());
        text_ += as_text(step.body);
        return;
      case K::end_message:
        require(open_);
        check_text();
        open_ = false;
        server_.message_stored(static_cast<smtp::StoreAnswer>(choices_.next() % 3), "id");
        return;
      case K::abandon_message:
        require(open_);
        open_ = false;
        return;
      case K::close:
        require(!open_);
        closed_ = true;
        return;
    }
  }

  // What was taken has no bare line end and no NUL, and no line over the limit.
  void check_text() const {
    for (std::size_t i = 0; i < text_.size(); ++i) {
      require(text_[i] != '\0');
      if (text_[i] == '\r') require(i + 1 < text_.size() && text_[i + 1] == '\n');
      if (text_[i] == '\n') require(i > 0 && text_[i - 1] == '\r');
    }
  }

  void pass_time() {
    now_.instant += std::chrono::seconds(choices_.next() % 32);
    if (now_.instant >= server_.deadline()) server_.time_out();
  }

  Choices choices_;
  Now now_{Instant{} + std::chrono::hours(1), {}};
  smtp::Counters counters_;
  smtp::Server server_;
  bool open_ = false;
  bool closed_ = false;
  std::string text_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kChoices = 16;
  if (size < kChoices) return 0;
  smtp::ServerSettings settings;
  settings.served_domains = {"example.org"};
  settings.require_tls = (data[0] & 1) != 0;
  settings.offer_starttls = (data[0] & 2) == 0;
  settings.message_bytes = 100 + data[1] * 16U;
  settings.header_bytes = 64 + data[2];
  settings.line_bytes = 64 + data[3];
  settings.command_bytes = 128 + data[4];
  settings.recipients = 1 + data[5] % 4;
  settings.messages_per_session = 1 + data[6] % 8;
  settings.errors_per_session = data[7];
  settings.received_hops = data[8] % 4;
  settings.commands_per_session = 100;
  Session session({data, kChoices}, settings);
  session.play({data + kChoices, size - kChoices});
  return 0;
}
