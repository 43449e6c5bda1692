// Bundles, and a box that takes or refuses them.
#include "firmware/control/update/install/report.hpp"
#include "tests/firmware/control/update/made.hpp"
#include "tools/bundle/chunks.hpp"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::control::update;
using namespace postern::control::update::testing;

namespace {

std::vector<std::uint8_t> bundle(tools::Recipe recipe = testing::recipe()) {
  return tools::make_bundle(std::move(recipe), Keys().secret).bytes;
}

Outcome<Installed> put(const Folder& folder, std::vector<std::uint8_t> bytes, const Wishes& wishes = {}) {
  auto box = Box::open(folder.path);
  if (!box) return tl::unexpected(box.error());
  return install(*box, reading(std::move(bytes)), wishes, [](const Progress&) {});
}

std::string refusal(const Folder& folder, std::vector<std::uint8_t> bytes, const Wishes& wishes = {}) {
  const auto installed = put(folder, std::move(bytes), wishes);
  CHECK_FALSE(installed.has_value());
  return installed.error().reason;
}

Box open(const Folder& folder) {
  auto box = Box::open(folder.path);
  if (!box) FAIL(box.error().reason.c_str());
  return std::move(*box);
}

// The box starts the new slot, as the loader would.
void start_b(const Folder& folder) {
  const auto kernels = folder.path / "esp/EFI/Linux";
  std::filesystem::rename(kernels / "postern-2-b+3.efi", kernels / "postern-2-b+2-1.efi");
  folder.write("entry", "postern-2-b+3.efi\n");
}

}  // namespace

TEST_GROUP(Update){};

TEST(Update, a_signed_bundle_is_in_the_idle_slot_and_starts_next) {
  const Folder folder;
  const auto installed = put(folder, bundle());
  if (!installed) FAIL(installed.error().reason.c_str());
  STRCMP_EQUAL("postern-1-a.efi postern-2-b+3.efi", folder.names().c_str());
  STRCMP_EQUAL("0.2", installed->version.c_str());
  CHECK_TRUE(installed->test_key);
  CHECK_TRUE(text_of(folder.path / "esp/EFI/Linux/postern-2-b+3.efi") == as_text(noise(200'000, 2)));
  CHECK_TRUE(text_of(folder.path / "root-b").substr(0, 600'000) == as_text(noise(600'000, 1)));
}

TEST(Update, a_wrong_signature_is_refused_before_anything_is_touched) {
  const Folder folder;
  folder.write("esp/EFI/Linux/postern-0-b.efi", "older kernel");
  Keys other;
  other.seed[0] = 9;
  crypto_sign_seed_keypair(other.open.bytes.data(), other.secret.data(), other.seed.data());
  STRCMP_CONTAINS("signature is not from a key that this box trusts",
                  refusal(folder, tools::make_bundle(testing::recipe(), other.secret).bytes).c_str());
  STRCMP_EQUAL("postern-0-b.efi postern-1-a.efi", folder.names().c_str());
}

TEST(Update, an_older_version_is_refused_and_taken_only_on_demand) {
  const Folder folder;
  folder.write("state/slots", "floor 0.1\nversion-a 0.3\n");
  STRCMP_EQUAL("version 0.2 is older than 0.3, which runs; --allow-older installs it all the same",
               refusal(folder, bundle()).c_str());
  CHECK_TRUE(put(folder, bundle(), {.allow_older = true}).has_value());
}

TEST(Update, below_the_floor_nothing_goes_without_the_signers_word) {
  const Folder folder;
  folder.write("state/slots", "floor 0.2.1\nversion-a 0.3\n");
  STRCMP_EQUAL("version 0.2 is older than 0.2.1, the oldest that this box may run",
               refusal(folder, bundle(), {.allow_older = true}).c_str());
  auto exception = testing::recipe();
  exception.manifest.downgrade = true;
  CHECK_TRUE(put(folder, bundle(exception), {.allow_older = true}).has_value());
}

TEST(Update, a_bundle_for_another_board_is_refused) {
  const Folder folder;
  folder.write("board", "pcengines-apu2\n");
  STRCMP_EQUAL("the bundle is for another board: it is for qemu-q35, and this box is pcengines-apu2",
               refusal(folder, bundle()).c_str());
}

TEST(Update, a_cut_bundle_switches_nothing_wherever_it_is_cut) {
  const auto whole = bundle();
  for (const std::size_t size : {std::size_t{0}, std::size_t{5}, std::size_t{90}, std::size_t{700},
                                 std::size_t{2000}, whole.size() / 2, whole.size() - 1}) {
    const Folder folder;
    auto cut = whole;
    cut.resize(size);
    STRCMP_EQUAL("the bundle is cut off: its end is missing", refusal(folder, cut).c_str());
    STRCMP_EQUAL("postern-1-a.efi", folder.names().c_str());
  }
}

TEST(Update, a_flipped_byte_is_found_wherever_it_is) {
  const auto whole = bundle();
  for (std::size_t at = 0; at < whole.size(); at += at < 2000 ? 97 : 90'001) {
    const Folder folder;
    auto bad = whole;
    bad[at] ^= 4;
    CHECK_FALSE(put(folder, bad).has_value());
    STRCMP_EQUAL("postern-1-a.efi", folder.names().c_str());
  }
}

TEST(Update, something_after_the_end_is_refused) {
  const Folder folder;
  auto more = bundle();
  more.push_back(0);
  STRCMP_EQUAL("something follows the end of the bundle", refusal(folder, more).c_str());
}

TEST(Update, a_difference_takes_what_moved_from_the_running_slot) {
  auto base = noise(600'000, 1);
  auto next = testing::recipe();
  next.images[0].insert(next.images[0].begin() + 1000, {1, 2, 3, 4, 5});  // everything behind it moved
  next.base = base;
  next.base_version = "0.1";
  const auto made = tools::make_bundle(next, Keys().secret);
  CHECK_TRUE(made.reused > 300'000);
  CHECK_TRUE(made.bytes.size() < 500'000);
  const Folder folder(base);
  const auto installed = put(folder, made.bytes);
  if (!installed) FAIL(installed.error().reason.c_str());
  CHECK_EQUAL(made.reused, installed->reused);
  CHECK_TRUE(text_of(folder.path / "root-b").substr(0, 600'005) == as_text(next.images[0]));
}

TEST(Update, a_difference_to_another_version_is_refused_before_anything_is_touched) {
  auto next = testing::recipe();
  next.base = noise(600'000, 1);
  next.base_version = "0.1";
  const Folder folder;  // another root runs
  folder.write("esp/EFI/Linux/postern-0-b.efi", "older kernel");
  STRCMP_EQUAL("the bundle is a difference to version 0.1, and another one runs: use the whole bundle",
               refusal(folder, bundle(next)).c_str());
  STRCMP_EQUAL("postern-0-b.efi postern-1-a.efi", folder.names().c_str());
}

TEST(Update, while_the_running_slot_is_on_trial_no_other_is_written) {
  const Folder folder;
  CHECK_TRUE(put(folder, bundle()).has_value());
  start_b(folder);
  STRCMP_CONTAINS("still on trial", refusal(folder, bundle(testing::recipe("0.3"))).c_str());
}

TEST(Update, what_is_found_healthy_is_good_and_brings_its_floor) {
  const Folder folder;
  CHECK_TRUE(put(folder, bundle(testing::recipe("0.2", "0.2"))).has_value());
  STRCMP_CONTAINS("floor 0.1\n",
                  text_of(folder.path / "state/slots").c_str());  // not before it was found good
  start_b(folder);
  auto box = open(folder);
  CHECK_TRUE(found_healthy(box, 100)->verdict == Verdict::good);
  STRCMP_EQUAL("postern-1-a.efi postern-2-b.efi", folder.names().c_str());
  STRCMP_CONTAINS("floor 0.2\n", text_of(folder.path / "state/slots").c_str());
}

TEST(Update, what_is_found_unhealthy_goes_back) {
  const Folder folder;
  CHECK_TRUE(put(folder, bundle()).has_value());
  start_b(folder);
  auto box = open(folder);
  const auto judged = found_unhealthy(box, "no mail went through");
  CHECK_TRUE(judged->verdict == Verdict::going_back);
  STRCMP_EQUAL("slot a starts next: no mail went through", judged->text.c_str());
  STRCMP_EQUAL("postern-1-a.efi postern-2-b+0-1.efi", folder.names().c_str());
  STRCMP_EQUAL("version 0.2 was given up: no mail went through", box.record().last.c_str());
}

TEST(Update, a_slot_that_was_found_good_long_ago_is_not_left_for_bad_health) {
  const Folder folder;
  auto box = open(folder);
  CHECK_TRUE(found_unhealthy(box, "a cable is out")->verdict == Verdict::good);
  STRCMP_EQUAL("postern-1-a.efi", folder.names().c_str());
}

TEST(Update, nobody_confirms_and_the_box_goes_back) {
  const Folder folder;
  CHECK_TRUE(put(folder, bundle(), {.confirm_minutes = 10}).has_value());
  start_b(folder);
  auto box = open(folder);
  CHECK_TRUE(found_healthy(box, 1000)->verdict == Verdict::waiting);
  const auto later = found_healthy(box, 1100);
  CHECK_TRUE(later->verdict == Verdict::waiting);
  CHECK_EQUAL(500, later->seconds_left);
  CHECK_TRUE(found_healthy(box, 1600)->verdict == Verdict::going_back);
  STRCMP_EQUAL("postern-1-a.efi postern-2-b+0-1.efi", folder.names().c_str());
}

TEST(Update, somebody_confirms_and_it_stays) {
  const Folder folder;
  CHECK_TRUE(put(folder, bundle(), {.confirm_minutes = 10}).has_value());
  start_b(folder);
  auto box = open(folder);
  CHECK_FALSE(confirm(box).has_value());  // not before it was found healthy
  CHECK_TRUE(found_healthy(box, 1000)->verdict == Verdict::waiting);
  CHECK_TRUE(confirm(box)->verdict == Verdict::good);
  CHECK_TRUE(found_healthy(box, 9000)->verdict == Verdict::good);
  STRCMP_EQUAL("postern-1-a.efi postern-2-b.efi", folder.names().c_str());
}

TEST(Update, the_operator_goes_back_while_both_are_good) {
  const Folder folder;
  CHECK_TRUE(put(folder, bundle()).has_value());
  start_b(folder);
  auto box = open(folder);
  CHECK_TRUE(found_healthy(box, 1).has_value());
  CHECK_TRUE(roll_back(box)->verdict == Verdict::going_back);
  STRCMP_EQUAL("postern-1-a.efi postern-2-b+0.efi", folder.names().c_str());
}

TEST(Update, the_version_of_a_box_that_was_only_flashed_is_remembered) {
  const Folder folder;
  folder.write("state/slots", "");
  CHECK_TRUE(put(folder, bundle(), {.allow_older = true}).has_value());
  auto box = open(folder);
  STRCMP_EQUAL(POSTERN_VERSION, box.record().versions[slots::Slot::a].c_str());
}

TEST(Update, the_settings_of_the_old_slot_are_remembered) {
  const Folder folder;
  CHECK_TRUE(put(folder, bundle(), {.settings_generation = 17}).has_value());
  auto box = open(folder);
  CHECK_EQUAL(17, box.record().generations[slots::Slot::a]);
}

TEST(Update, the_rescue_system_installs_without_a_running_slot) {
  const Folder folder;
  folder.write("entry", "rescue\n");
  folder.write("esp/EFI/Linux/postern-1-a+0-3.efi", "broken");
  std::filesystem::remove(folder.path / "esp/EFI/Linux/postern-1-a.efi");
  const auto installed = put(folder, bundle());
  if (!installed) FAIL(installed.error().reason.c_str());
  STRCMP_EQUAL("postern-1-a+0-3.efi postern-2-b+3.efi", folder.names().c_str());
}

TEST(Update, two_updates_at_once_are_refused) {
  const Folder folder;
  const auto box = open(folder);
  STRCMP_CONTAINS("another update is at work", refusal(folder, bundle()).c_str());
}

TEST(Update, the_status_says_what_runs_and_what_starts_next) {
  const Folder folder;
  CHECK_TRUE(put(folder, bundle()).has_value());
  auto box = open(folder);
  const auto status = status_json(box, 0);
  STRCMP_EQUAL("a", (*status)["running"].get<std::string>().c_str());
  STRCMP_EQUAL("b", (*status)["next"].get<std::string>().c_str());
  STRCMP_EQUAL("on trial, 3 starts left", (*status)["slots"][1]["condition"].get<std::string>().c_str());
  STRCMP_EQUAL("0.2", (*status)["slots"][1]["version"].get<std::string>().c_str());
}

TEST(Update, a_bundle_can_be_looked_at_without_a_box) {
  const std::vector<PublicKey> keys{Keys().open};
  const auto seen = inspect(keys, reading(bundle()));
  CHECK_TRUE(seen.has_value());
  STRCMP_EQUAL("TEST key of the build", seen->signed_by.c_str());
  STRCMP_EQUAL("notes", seen->manifest.notes.c_str());
}

TEST_GROUP(UpdateParts){};

TEST(UpdateParts, a_manifest_is_read_as_it_is_written) {
  auto manifest = tools::make_bundle(testing::recipe(), Keys().secret).manifest;
  manifest.base = Base{5, {}, "0.1"};
  const auto read = parse_manifest(manifest.text());
  CHECK_TRUE(read.has_value());
  STRCMP_EQUAL(manifest.text().c_str(), read->text().c_str());
}

TEST(UpdateParts, a_wrong_manifest_is_told_in_one_line) {
  STRCMP_EQUAL("the bundle's manifest cannot be read", parse_manifest("{").error().reason.c_str());
  STRCMP_EQUAL("the bundle's manifest is wrong: format is missing",
               parse_manifest("{}").error().reason.c_str());
  STRCMP_EQUAL("the bundle's manifest is wrong: it is of a later format than this box knows",
               parse_manifest("{\"format\": 2}").error().reason.c_str());
}

TEST(UpdateParts, the_same_recipe_gives_the_same_bytes) {
  CHECK_TRUE(bundle() == bundle());
}

TEST(UpdateParts, chunks_make_the_whole_again_and_are_neither_tiny_nor_huge) {
  const auto bytes = noise(3'000'000, 4);
  std::size_t total = 0;
  const auto chunks = tools::cut_into_chunks(bytes);
  for (const auto chunk : chunks) {
    CHECK_TRUE(chunk.data() == bytes.data() + total);
    CHECK_TRUE(chunk.size() <= 256 * 1024);
    total += chunk.size();
  }
  CHECK_EQUAL(bytes.size(), total);
  CHECK_TRUE(chunks.size() > 20 && chunks.size() < 90);
}

TEST(UpdateParts, a_key_is_hex_and_whose_it_is) {
  CHECK_FALSE(parse_key("no key").has_value());
  const auto key = parse_key(hex(Keys().open.bytes) + " Example Ltd");
  STRCMP_EQUAL("Example Ltd", key->owner.c_str());
  CHECK_FALSE(key->test());
}
