// The cache on disk: see the header.
#include "firmware/control/resolver/service/store.hpp"

#include <cstdio>

#include "firmware/control/resolver/service/database.hpp"
#include "firmware/policy/sts/policy.hpp"
#include "platform/log/log.hpp"

namespace postern::resolver {

namespace {

constexpr std::size_t kMostOrders = 200000;  // waiting for a slow disk; more are dropped and counted

// A changed form of the facts changes the number; old rows are then left unread.
constexpr const char* kSchema =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=2000;"
    "CREATE TABLE IF NOT EXISTS facts1(domain TEXT PRIMARY KEY, facts BLOB NOT NULL, expires INTEGER NOT "
    "NULL)"
    " WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS facts1_expires ON facts1(expires);"
    "CREATE TABLE IF NOT EXISTS policies1(domain TEXT PRIMARY KEY, id TEXT NOT NULL, text TEXT NOT NULL,"
    " fetched INTEGER NOT NULL, expires INTEGER NOT NULL, refresh_at INTEGER NOT NULL,"
    " used INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS policies1_expires ON policies1(expires);";

std::int64_t number(WallTime time) {
  return time.time_since_epoch().count();
}
WallTime time_of(std::int64_t ns) {
  return WallTime(Duration(ns));
}

}  // namespace

struct Store::Database {
  std::unique_ptr<sqlite3, CloseDatabase> connection;
  std::string path;

  bool execute(const char* text) {
    return sqlite3_exec(connection.get(), text, nullptr, nullptr, nullptr) == SQLITE_OK;
  }
  bool open() {
    sqlite3* raw = nullptr;
    const int result = sqlite3_open_v2(
        path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
    connection.reset(raw);
    return result == SQLITE_OK && execute(kSchema);
  }
};

Store::Store(std::unique_ptr<Database> database) : database_(std::move(database)) {}

Result<std::unique_ptr<Store>, Fault> Store::open(const std::string& path, WallTime now) {
  auto database = std::make_unique<Database>();
  database->path = path;
  if (!database->open()) {
    log::write(log::Level::warning, "resolver", path + " cannot be read; it is set aside and begun anew");
    database->connection.reset();
    std::rename(path.c_str(), (path + ".broken").c_str());
    for (const char* suffix : {"-wal", "-shm"}) std::remove((path + suffix).c_str());
    if (!database->open()) return fault("cannot open " + path);
  }
  auto store = std::unique_ptr<Store>(new Store(std::move(database)));
  for (const char* text :
       {"DELETE FROM facts1 WHERE expires <= ?", "DELETE FROM policies1 WHERE expires <= ?"})
    Statement(store->database_->connection.get(), text).bind(number(now)).run();
  return store;
}

Store::~Store() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Store::Loaded Store::load(WallTime now, std::size_t most) {
  Loaded loaded;
  auto* const connection = database_->connection.get();
  Statement facts(connection, "SELECT facts FROM facts1 WHERE expires > ? ORDER BY expires DESC LIMIT ?");
  facts.bind(number(now)).bind(static_cast<std::int64_t>(most));
  while (facts.next()) {
    const Bytes bytes = facts.blob(0);
    loaded.facts.emplace_back(bytes.begin(), bytes.end());
  }
  Statement policies(connection,
                     "SELECT domain, id, text, fetched, expires, refresh_at, used FROM policies1"
                     " WHERE expires > ? ORDER BY expires DESC LIMIT ?");
  policies.bind(number(now)).bind(static_cast<std::int64_t>(most));
  while (policies.next()) {
    const auto policy = policy::parse_sts_policy(policies.text(2));
    if (!policy) continue;
    StoredPolicy one{
        .domain = std::string(policies.text(0)), .memory = {}, .used = time_of(policies.number(6))};
    one.memory.refresh_at = time_of(policies.number(5));
    auto& sts = one.memory.sts;
    sts.state = policy::StsState::policy;
    sts.id = policies.text(1);
    sts.mode = policy->mode;
    sts.mx = policy->mx;
    sts.max_age = policy->max_age;
    sts.fetched = time_of(policies.number(3));
    sts.expires = time_of(policies.number(4));
    sts.text = policies.text(2);
    loaded.policies.push_back(std::move(one));
  }
  return loaded;
}

void Store::start() {
  thread_ = std::thread([this] { run(); });
}

void Store::put(Order order) {
  const std::lock_guard lock(mutex_);
  if (orders_.size() >= kMostOrders) {
    ++failures_;
    return;
  }
  orders_.push_back(std::move(order));
  wake_.notify_one();
}

std::uint64_t Store::failures() const {
  const std::lock_guard lock(mutex_);
  return failures_;
}

// One transaction for all that has come meanwhile.
void Store::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stop_ || !orders_.empty(); });
    if (orders_.empty()) return;
    auto orders = std::exchange(orders_, {});
    lock.unlock();
    std::uint64_t failed = 0;
    const bool begun = database_->execute("BEGIN IMMEDIATE");
    for (const auto& order : orders) failed += order(*database_) ? 0u : 1u;
    if (begun && !database_->execute("COMMIT")) {
      database_->execute("ROLLBACK");
      failed = orders.size();
    }
    lock.lock();
    failures_ += failed;
  }
}

void Store::keep_facts(std::string domain, std::vector<std::uint8_t> encoded, WallTime expires) {
  put([domain = std::move(domain), encoded = std::move(encoded), expires](Database& database) {
    return Statement(database.connection.get(), "INSERT OR REPLACE INTO facts1 VALUES(?, ?, ?)")
        .bind(std::string_view(domain))
        .bind(Bytes(encoded))
        .bind(number(expires))
        .run();
  });
}

void Store::keep_policy(StoredPolicy policy) {
  put([policy = std::move(policy)](Database& database) {
    const auto& sts = policy.memory.sts;
    return Statement(database.connection.get(),
                     "INSERT OR REPLACE INTO policies1 VALUES(?, ?, ?, ?, ?, ?, ?)")
        .bind(std::string_view(policy.domain))
        .bind(std::string_view(sts.id))
        .bind(std::string_view(sts.text))
        .bind(number(sts.fetched))
        .bind(number(sts.expires))
        .bind(number(policy.memory.refresh_at))
        .bind(number(policy.used))
        .run();
  });
}

void Store::forget_policy(std::string domain) {
  put([domain = std::move(domain)](Database& database) {
    return Statement(database.connection.get(), "DELETE FROM policies1 WHERE domain = ?")
        .bind(std::string_view(domain))
        .run();
  });
}

void Store::tidy(WallTime now, std::size_t most) {
  put([now, most](Database& database) {
    bool good = true;
    for (const char* text : {"DELETE FROM facts1 WHERE expires <= ?1 OR expires <="
                             " (SELECT expires FROM facts1 ORDER BY expires DESC LIMIT 1 OFFSET ?2)",
                             "DELETE FROM policies1 WHERE expires <= ?1 OR expires <="
                             " (SELECT expires FROM policies1 ORDER BY expires DESC LIMIT 1 OFFSET ?2)"}) {
      good = Statement(database.connection.get(), text)
                 .bind(number(now))
                 .bind(static_cast<std::int64_t>(most))
                 .run() &&
             good;
    }
    return good;
  });
}

}  // namespace postern::resolver
