// What stands on the screen before anybody logs in. Pure; what an answer lacks is said to be missing.
#pragma once

#include <string>

#include "firmware/control/console/desk.hpp"
#include "firmware/control/console/station.hpp"

namespace postern::control::console {

struct BannerFacts {
  Json status = Json::object();     // of the door
  Json addresses = Json::object();  // of the machine; with "values" of settings.show
  Json web = Json::object();        // keys.show of the web's certificate
  Json setup = Json::object();      // whether somebody has claimed the box, else its code
};

// At most 80 columns, ASCII; no names of domains or people.
std::string banner_text(const BannerFacts& facts, const Station& station);
// "97a3 0b1c ...": four digits at a time, over two lines.
std::string grouped(const std::string& hex);

}  // namespace postern::control::console
