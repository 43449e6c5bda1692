#include "firmware/dataplane/mail_signer/mail_signer.hpp"

#include <pthread.h>

#include <algorithm>
#include <utility>

namespace postern::dataplane {

bool SignatureLane::ask(shard::SignatureTicket ticket, std::size_t key, const dkim::Digest& digest) {
  return questions_.push({ticket, key, digest});
}

bool SignatureLane::ready(shard::SignatureTicket& ticket, dkim::Signature& signature) {
  Answer answer;
  if (!answers_.pop(answer)) return false;
  ticket = answer.ticket;
  signature.assign(answer.bytes.begin(), answer.bytes.begin() + answer.length);
  return true;
}

Result<std::unique_ptr<MailSigner>, Fault> MailSigner::start(const std::vector<shard::SigningKey>& keys,
                                                             std::size_t cores) {
  std::vector<dkim::Key> read;
  for (const auto& key : keys) {
    auto made = dkim::Key::from_pem(key.pem);
    if (!made) {
      return fault("the key that signs for " + key.domain +
                   " cannot be used: " + std::string(made.error().reason));
    }
    read.push_back(std::move(*made));
  }
  const bool any = std::any_of(read.begin(), read.end(), [](const dkim::Key& key) { return key.costly(); });
  if (!any) return std::unique_ptr<MailSigner>();
  return std::unique_ptr<MailSigner>(new MailSigner(std::move(read), cores));
}

MailSigner::MailSigner(std::vector<dkim::Key> keys, std::size_t cores) : keys_(std::move(keys)) {
  for (std::size_t i = 0; i < cores; ++i) lanes_.push_back(std::make_unique<SignatureLane>());
  thread_ = std::thread([this] { work(); });
  pthread_setname_np(thread_.native_handle(), "mail-signer");
}

MailSigner::~MailSigner() {
  stop_ = true;
  thread_.join();
}

void MailSigner::work() {
  auto rest = kRestFirst;
  while (!stop_) {
    bool any = false;
    for (auto& lane : lanes_) any = serve(*lane) || any;
    if (any) {
      rest = kRestFirst;
      continue;
    }
    std::this_thread::sleep_for(rest);
    rest = std::min(rest * 2, kRestMost);
  }
}

// One question, so that the cores take turns.
bool MailSigner::serve(SignatureLane& lane) {
  SignatureLane::Question question;
  if (!lane.questions_.pop(question)) return false;
  SignatureLane::Answer answer{.ticket = question.ticket};
  if (question.key < keys_.size()) {
    if (const auto made = keys_[question.key].sign(question.digest)) {
      answer.length = static_cast<std::uint32_t>(made->size());
      std::copy(made->begin(), made->end(), answer.bytes.begin());
    }
  }
  // A core takes its answers every turn: there is room soon.
  while (!lane.answers_.push(answer) && !stop_) std::this_thread::sleep_for(kRestFirst);
  return true;
}

}  // namespace postern::dataplane
