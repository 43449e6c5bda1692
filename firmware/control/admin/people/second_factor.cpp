// The people who may log in: TOTP devices and recovery codes. See people.hpp.
#include <algorithm>

#include <sodium.h>

#include <array>

#include "firmware/control/admin/people/people.hpp"
#include "firmware/control/admin/people/secrets.hpp"
#include "firmware/control/admin/people/totp.hpp"

namespace postern::admin {

namespace {

using View = std::string_view;

std::string make_totp_secret() {
  std::array<std::uint8_t, kTotpSecretBytes> secret{};
  ::randombytes_buf(secret.data(), secret.size());
  return base32(secret);
}

Bytes bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

std::vector<Device> People::devices(const std::string& user) {
  const std::lock_guard lock(mutex_);
  auto row =
      database_.query("SELECT id, label, added, used, confirmed FROM devices WHERE user = ? ORDER BY added");
  row.with(View(user));
  std::vector<Device> all;
  while (row.step())
    all.push_back({row.text(0), row.text(1), row.number(2), row.number(3), row.number(4) != 0});
  return all;
}

NewDevice People::add_device(const std::string& user, const std::string& label, std::int64_t now) {
  const std::lock_guard lock(mutex_);
  NewDevice made{make_id(), make_totp_secret()};
  Transaction all(database_);
  // One that was begun and never confirmed is worth nothing any more.
  database_.query("DELETE FROM devices WHERE user = ? AND confirmed = 0").with(View(user)).run();
  database_.query("INSERT INTO devices(id, user, label, secret, added) VALUES(?,?,?,?,?)")
      .with(View(made.id), View(user), View(label), View(made.secret), now)
      .run();
  all.commit();
  return made;
}

bool People::confirm_device(const std::string& user, const std::string& id, std::string_view code,
                            std::int64_t now) {
  const std::lock_guard lock(mutex_);
  std::string secret;
  {
    auto row = database_.query("SELECT secret FROM devices WHERE user = ? AND id = ? AND confirmed = 0");
    row.with(View(user), View(id));
    if (!row.step()) return false;
    secret = row.text(0);
  }
  const auto raw = base32_decoded(secret);
  const auto step = raw ? matching_step(bytes_of(*raw), code, now, 0) : std::nullopt;
  if (!step) return false;
  database_.query("UPDATE devices SET confirmed = 1, used = ?, last_step = ? WHERE id = ?")
      .with(now, *step, View(id))
      .run();
  return true;
}

void People::add_confirmed_device(const std::string& user, const std::string& label,
                                  const std::string& secret, std::int64_t step, std::int64_t now) {
  const std::lock_guard lock(mutex_);
  database_
      .query(
          "INSERT INTO devices(id, user, label, secret, added, used, last_step, confirmed) "
          "VALUES(?,?,?,?,?,?,?,1)")
      .with(View(make_id()), View(user), View(label), View(secret), now, now, step)
      .run();
}

People::Removed People::remove_device(const std::string& user, const std::string& id) {
  const std::lock_guard lock(mutex_);
  Transaction all(database_);
  bool there = false;
  bool confirmed = false;
  {
    auto row = database_.query("SELECT confirmed FROM devices WHERE user = ? AND id = ?");
    row.with(View(user), View(id));
    there = row.step();
    confirmed = there && row.number(0) != 0;
  }
  if (!there) return Removed::no_such_device;
  if (confirmed && count("SELECT count(*) FROM devices WHERE confirmed = 1 AND user = ?", user) < 2)
    return Removed::last_one;
  database_.query("DELETE FROM devices WHERE id = ?").with(View(id)).run();
  all.commit();
  return Removed::yes;
}

bool People::use_code(const std::string& user, std::string_view code, std::int64_t now) {
  const std::lock_guard lock(mutex_);
  struct Row {
    std::string id;
    std::string secret;
    std::int64_t last_step;
  };
  std::vector<Row> rows;
  {
    auto row = database_.query("SELECT id, secret, last_step FROM devices WHERE user = ? AND confirmed = 1");
    row.with(View(user));
    while (row.step()) rows.push_back({row.text(0), row.text(1), row.number(2)});
  }
  for (const auto& row : rows) {
    const auto raw = base32_decoded(row.secret);
    const auto step = raw ? matching_step(bytes_of(*raw), code, now, row.last_step) : std::nullopt;
    if (!step) continue;
    database_.query("UPDATE devices SET used = ?, last_step = ? WHERE id = ?")
        .with(now, *step, View(row.id))
        .run();
    return true;
  }
  return false;
}

bool People::use_recovery_code(const std::string& user, std::string_view code) {
  const std::lock_guard lock(mutex_);
  database_.query("DELETE FROM recovery WHERE user = ? AND hash = ?")
      .with(View(user), View(hash_of(plain_words(code))))
      .run();
  return database_.changes() == 1;
}

std::vector<std::string> People::make_recovery_codes(const std::string& user) {
  std::vector<std::string> codes;
  for (std::size_t i = 0; i < kRecoveryCodes; ++i) codes.push_back(make_words(4));
  set_recovery_codes(user, codes);
  return codes;
}

void People::set_recovery_codes(const std::string& user, const std::vector<std::string>& codes) {
  const std::lock_guard lock(mutex_);
  Transaction all(database_);
  put_recovery_codes(user, codes);
  all.commit();
}

void People::put_recovery_codes(const std::string& user, const std::vector<std::string>& codes) {
  database_.query("DELETE FROM recovery WHERE user = ?").with(View(user)).run();
  for (const auto& code : codes)
    database_.query("INSERT INTO recovery(hash, user) VALUES(?,?)")
        .with(View(hash_of(code)), View(user))
        .run();
}

void People::forget_second_factor(const std::string& user) {
  const std::lock_guard lock(mutex_);
  Transaction all(database_);
  database_.query("DELETE FROM devices WHERE user = ?").with(View(user)).run();
  put_recovery_codes(user, {});
  all.commit();
}

}  // namespace postern::admin
