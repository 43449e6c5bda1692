// One libunbound context on an event loop: questions in, validated answers out, nothing blocks.
//
// A context belongs to one thread and has its own memory of records, keys and servers. Questions that its
// owner no longer wants are answered to nobody; the library ends each of them by itself. It gives no extended
// errors and says why it failed only in its log, so the log is listened to.
#pragma once

#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "firmware/control/resolver/dns/asker.hpp"
#include "firmware/control/resolver/dns/options.hpp"
#include "platform/base/result.hpp"

struct event;
struct event_base;
struct ub_ctx;

namespace postern::resolver {

class DnsContext final : public Asker {
 public:
  // Reads the anchor files at once, so that it may be confined afterwards. Negative anchors past `now` are
  // left out.
  static Result<std::unique_ptr<DnsContext>, Fault> create(event_base* base, const DnsOptions& options,
                                                           WallTime now);
  // Not from inside an answer.
  ~DnsContext() override;
  DnsContext(const DnsContext&) = delete;
  DnsContext& operator=(const DnsContext&) = delete;

  void ask(const std::string& name, Type type, Done done) override;
  std::size_t open_questions() const { return open_.size(); }

 private:
  struct Question;
  struct Ready {
    Done done;
    Answer answer;
  };

  DnsContext() = default;
  Result<void, Fault> configure(const DnsOptions& options, WallTime now);
  Result<void, Fault> add_servers(const DnsOptions& options);
  void answered(Question& question, const Verdict& verdict, Bytes packet);
  void answer_later(Done done, Answer answer);
  void give_ready();
  static void on_answer(void* mine, int rcode, void* packet, int size, int security, char* why, int);
  static void on_ready(int, short, void* mine);

  ub_ctx* context_ = nullptr;
  event* ready_event_ = nullptr;
  std::size_t most_questions_ = 0;
  std::unordered_set<Question*> open_;
  std::vector<Ready> ready_;
};

}  // namespace postern::resolver
