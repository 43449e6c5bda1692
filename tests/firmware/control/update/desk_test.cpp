// Updates asked for at control's door.
#include "firmware/control/update/desk/update_desk.hpp"
#include "firmware/control/update/install/medium.hpp"
#include "tests/firmware/control/update/made.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::control::update;
using namespace postern::control::update::testing;

TEST_GROUP(UpdateDesk){};

TEST(UpdateDesk, lays_a_request_down_and_asks_init) {
  const Folder folder;
  folder.write("new.bundle", "bytes");
  UpdateDesk desk(folder.path, folder.path / "wish");
  const auto file = (folder.path / "new.bundle").string();
  const auto answer =
      desk.answer({{"command", "update.install"}, {"file", file}, {"confirm_minutes", 10}}, true, 17);
  CHECK_TRUE((*answer)["started"].get<bool>());
  STRCMP_EQUAL("update\n", text_of(folder.path / "wish").c_str());
  const auto request = read_json(folder.path / "request.json");
  STRCMP_EQUAL(file.c_str(), request["file"].get<std::string>().c_str());
  CHECK_EQUAL(10, request["confirm_minutes"].get<int>());
  CHECK_EQUAL(17, request["settings_generation"].get<int>());
  CHECK_TRUE(desk.answer({{"command", "update.state"}}, false, 0)->at("busy").get<bool>());
  STRCMP_EQUAL(
      "another update is at work",
      desk.answer({{"command", "update.rollback"}}, true, 0)->at("error").get<std::string>().c_str());
}

TEST(UpdateDesk, refuses_strangers_and_files_that_are_not_there) {
  const Folder folder;
  UpdateDesk desk(folder.path, folder.path / "wish");
  STRCMP_CONTAINS(
      "only root",
      desk.answer({{"command", "update.rollback"}}, false, 0)->at("error").get<std::string>().c_str());
  for (const auto* file : {"", "relative", "/nowhere/x"})
    CHECK_TRUE(desk.answer({{"command", "update.install"}, {"file", file}}, true, 0)->contains("error"));
  CHECK_FALSE(std::filesystem::exists(folder.path / "wish"));
}

TEST(UpdateDesk, a_medium_is_named_without_a_file) {
  const Folder folder;
  UpdateDesk desk(folder.path, folder.path / "wish");
  CHECK_TRUE(desk.answer({{"command", "update.install"}, {"file", "usb"}}, true, 3)->contains("started"));
  const auto request = read_json(folder.path / "request.json");
  STRCMP_EQUAL("usb", request["file"].get<std::string>().c_str());
  STRCMP_EQUAL((folder.path / "wish").c_str(), request["wish"].get<std::string>().c_str());
}

TEST(UpdateDesk, of_several_bundles_one_has_to_be_named) {
  STRCMP_EQUAL("b.bundle", choose_bundle({"b.bundle"}, "")->c_str());
  STRCMP_EQUAL("b.bundle", choose_bundle({"a.bundle", "b.bundle"}, "b.bundle")->c_str());
  STRCMP_CONTAINS("a.bundle, b.bundle", choose_bundle({"a.bundle", "b.bundle"}, "").error().reason.c_str());
  CHECK_FALSE(choose_bundle({}, "").has_value());
  CHECK_FALSE(choose_bundle({"a.bundle"}, "c.bundle").has_value());
  CHECK_TRUE(names_medium("usb") && names_medium("usb:x") && !names_medium("usbx") && !names_medium("/usb"));
}

TEST(UpdateDesk, the_end_of_the_box_is_asked_of_init) {
  const Folder folder;
  UpdateDesk desk(folder.path, folder.path / "wish");
  CHECK_TRUE(desk.answer({{"command", "system.reboot"}}, false, 0)->contains("error"));
  CHECK_TRUE(desk.answer({{"command", "system.reboot"}}, true, 0)->contains("done"));
  STRCMP_EQUAL("reboot\n", text_of(folder.path / "wish").c_str());
  CHECK_TRUE(desk.answer({{"command", "system.erase"}}, true, 0)->contains("error"));
  CHECK_TRUE(desk.answer({{"command", "system.erase"}, {"sure", true}}, true, 0)->contains("done"));
  STRCMP_EQUAL("factory-reset\n", text_of(folder.path / "wish").c_str());
  CHECK_FALSE(desk.answer({{"command", "system.other"}}, true, 0).has_value());
}

TEST(UpdateDesk, tells_the_slot_that_runs) {
  const Folder folder;
  UpdateDesk desk(folder.path, folder.path / "wish");
  STRCMP_EQUAL("", desk.slot().c_str());
  folder.write("status.json",
               R"({"slots":[{"slot":"a","version":"0.1","condition":"good","running":true},{"slot":"b","running":false}]})");
  STRCMP_EQUAL("a, version 0.1, good", desk.slot().c_str());
}

TEST(UpdateDesk, says_nothing_where_there_are_no_slots_and_to_other_questions) {
  UpdateDesk none("/nowhere/slots", "/nowhere/wish");
  CHECK_FALSE(none.answer({{"command", "update.state"}}, true, 0).has_value());
  const Folder folder;
  UpdateDesk desk(folder.path, folder.path / "wish");
  CHECK_FALSE(desk.answer({{"command", "status"}}, true, 0).has_value());
}

TEST(UpdateDesk, tells_what_the_updater_left) {
  const Folder folder;
  folder.write("status.json", "{\"running\": \"a\"}");
  folder.write("result.json", "{\"error\": \"why\"}");
  UpdateDesk desk(folder.path, folder.path / "wish");
  const auto state = *desk.answer({{"command", "update.state"}}, false, 0);
  STRCMP_EQUAL("a", state["running"].get<std::string>().c_str());
  STRCMP_EQUAL("why", state["result"]["error"].get<std::string>().c_str());
  CHECK_FALSE(state["busy"].get<bool>());
}
