// The console of one terminal: see the header.
#include "firmware/control/console/session.hpp"

namespace postern::control::console {

Session::Session(Station station)
    : station_(std::move(station)),
      watch_(desk_),
      login_(desk_, station_, [this](Person person) { come_in(std::move(person)); }),
      monitor_(desk_, station_),
      shell_(desk_, login_, watch_, monitor_),
      menu_(desk_, shell_, login_, watch_) {}

void Session::begin(Instant now) {
  desk_.tick(now);
  login_.begin();
}

void Session::bytes(std::string_view bytes, Instant now) {
  desk_.bytes(bytes, now);
}

void Session::come_in(Person person) {
  in_ = true;
  came_ = desk_.now();
  desk_.ask(Request::Kind::account, {{"do", "came"}, {"name", person.name}}, {});
  watch_.begin();
  shell_.begin(
      std::move(person), [this] { go_out(); }, [this] { menu_.begin(); });
}

void Session::go_out() {
  in_ = false;
  watch_.end();
  desk_.forget();
  desk_.tell(Request::Kind::leave);
  if (station_.known_as.empty()) login_.begin();
}

void Session::hang_up() {
  monitor_.end();
  desk_.forget();
  in_ = false;
  watch_.end();
  login_.begin();
}

void Session::tick(Instant now, bool drained) {
  desk_.tick(now);
  login_.tick(now);
  watch_.tick(now);
  monitor_.tick(now, drained);
  if (!in_ || now - std::max(desk_.last_key(), came_) < kIdle) return;
  monitor_.end();
  desk_.print("\nNobody has typed for 15 minutes: logged out. A candidate stays as it is.\n");
  go_out();
}

}  // namespace postern::control::console
