#include "src/sync/ledger.hpp"

#include <doctest/doctest.h>
#include <tests/support/memory_store.hpp>
#include <tests/support/temp_dir.hpp>

#include <filesystem>

using namespace toolkit;
using namespace toolkit::sync;
using support::MemoryStore;
using support::TempDir;

namespace {

struct World {
  TempDir dir;
  MemoryStore source;
  std::vector<store::Location> sources{*store::parse_location("logs/")};
  store::Location destination = *store::parse_location("safe/");

  Ledger ledger(bool dry = false) const {
    Ledger made;
    made.open(dir.path(), sources, destination, dry);
    return made;
  }
  std::unique_ptr<store::Content> open(const std::string& key) {
    auto content = source.open(key, false);
    REQUIRE(content);
    return std::move(*content);
  }
  // Sent as it is now.
  store::Entry send(Ledger& ledger, const std::string& key) {
    const auto content = open(key);
    ledger.sent(key, *content, content->entry());
    return content->entry();
  }
  bool proves(const Ledger& ledger, const std::string& key, std::uint64_t length) {
    const auto proven = ledger.proves(key, *open(key), length);
    REQUIRE(proven);
    return *proven;
  }
  [[nodiscard]] std::size_t journals() const {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(dir.path())) {
      count += entry.path().extension() == ".journal" ? 1 : 0;
    }
    return count;
  }
};

}  // namespace

TEST_CASE("what was sent is proven while the file goes on, and not when what was sent is another") {
  World world;
  Ledger ledger = world.ledger();
  std::size_t size = 0;
  SUBCASE("small") { size = 500; }
  SUBCASE("larger than what is looked at") { size = 100'000; }
  const std::string sent(size, 'a');
  world.source.add_file("x.log", sent);
  world.send(ledger, "x.log");
  CHECK(world.proves(ledger, "x.log", size));
  CHECK_FALSE(world.proves(ledger, "x.log", size - 1));
  CHECK_FALSE(world.proves(ledger, "x.log", size + 1));
  world.source.add_file("x.log", sent + "more");
  CHECK(world.proves(ledger, "x.log", size));
  world.source.add_file("x.log", "b" + sent.substr(1) + "more");
  CHECK_FALSE(world.proves(ledger, "x.log", size));
  world.source.add_file("x.log", sent.substr(1) + "b" + "more");
  CHECK_FALSE(world.proves(ledger, "x.log", size));
  world.source.add_file("x.log", sent.substr(1));
  CHECK_FALSE(world.proves(ledger, "x.log", size));
}

TEST_CASE("another file with the same bytes under the name proves nothing") {
  World world;
  Ledger ledger = world.ledger();
  world.source.add_file("x.log", "bytes");
  world.source.add_file("y.log", "bytes");
  world.send(ledger, "x.log");
  const auto other = ledger.proves("x.log", *world.open("y.log"), 5);
  REQUIRE(other);
  CHECK_FALSE(*other);
}

TEST_CASE("a state of a file was sent when nothing of it, and not the size there, has changed") {
  World world;
  Ledger ledger = world.ledger();
  world.source.add_file("x", "bytes", 7);
  const store::Entry sent = world.send(ledger, "x");
  store::Entry there;
  there.size = sent.size;
  CHECK(ledger.was_sent("x", sent, there));
  CHECK_FALSE(ledger.was_sent("x", sent, std::nullopt));
  CHECK_FALSE(ledger.was_sent("y", sent, there));
  for (const char* what : {"time", "size", "file", "there"}) {
    CAPTURE(what);
    store::Entry now = sent;
    store::Entry then = there;
    now.mtime += *what == 't' && what[1] == 'i' ? 1 : 0;
    now.size += *what == 's' ? 1 : 0;
    now.identity.inode += *what == 'f' ? 1 : 0;
    then.size += what[1] == 'h' ? 1 : 0;
    CHECK_FALSE(ledger.was_sent("x", now, then));
  }
  ledger.forget("x");
  CHECK_FALSE(ledger.was_sent("x", sent, there));
}

TEST_CASE(
    "the note on a transfer that was cut off is there for the next process, and only for its "
    "file") {
  World world;
  world.source.add_file("x", "bytes");
  world.source.add_file("y", "bytes");
  const store::Entry entry = world.open("x")->entry();
  {
    Ledger ledger = world.ledger();
    ledger.cut_off("x", entry, "upload 7");
    ledger.cut_off("y", entry, "");
  }
  Ledger ledger = world.ledger();
  CHECK(ledger.memo("x", entry) == "upload 7");
  CHECK(ledger.memo("x", world.open("y")->entry()).empty());
  CHECK(ledger.memo("y", entry).empty());
  world.send(ledger, "x");
  CHECK(ledger.memo("x", entry).empty());
}

TEST_CASE("a transfer that was cut off leaves what was proven before") {
  World world;
  Ledger ledger = world.ledger();
  world.source.add_file("x.log", "bytes");
  const store::Entry entry = world.send(ledger, "x.log");
  ledger.cut_off("x.log", entry, "upload 7");
  CHECK(world.proves(ledger, "x.log", 5));
  CHECK(ledger.memo("x.log", entry) == "upload 7");
}

TEST_CASE("a file that was renamed at the destination is known under its new name only") {
  World world;
  Ledger ledger = world.ledger();
  world.source.add_file("d/x.log", "bytes");
  world.send(ledger, "d/x.log");
  ledger.renamed("d/x.log", "d/x.log.1");
  ledger.renamed("d/unknown", "d/other");
  const auto records = ledger.in_directory("d");
  REQUIRE(records.size() == 1);
  CHECK(records.front().key == "d/x.log.1");
  CHECK(records.front().proven == 5);
}

TEST_CASE(
    "each pair of places has a journal of its own, and two syncs of one pair do not share it") {
  World world;
  world.source.add_file("x.log", "bytes");
  Ledger first = world.ledger();
  world.send(first, "x.log");
  first.flush();
  CHECK(world.journals() == 1);
  Ledger second = world.ledger();  // whose journal is in use, and which does without
  CHECK_FALSE(world.proves(second, "x.log", 5));
  world.send(second, "x.log");
  CHECK(world.proves(second, "x.log", 5));
  second.flush();
  CHECK(world.journals() == 1);
  world.destination = *store::parse_location("elsewhere/");
  Ledger third = world.ledger();
  CHECK_FALSE(world.proves(third, "x.log", 5));
  CHECK(world.journals() == 2);
}

TEST_CASE("a dry run knows what the journal says, and leaves it as it is") {
  World world;
  world.source.add_file("x.log", "bytes");
  {
    Ledger ledger = world.ledger(true);
    world.send(ledger, "x.log");
    ledger.flush();
  }
  CHECK(world.journals() == 0);
  {
    Ledger ledger = world.ledger();
    world.send(ledger, "x.log");
    ledger.flush();
  }
  {
    Ledger ledger = world.ledger(true);
    CHECK(world.proves(ledger, "x.log", 5));
    ledger.forget("x.log");
    CHECK_FALSE(world.proves(ledger, "x.log", 5));
    ledger.flush();
  }
  CHECK(world.proves(world.ledger(), "x.log", 5));
}

TEST_CASE("a ledger that was never opened knows nothing, and takes everything") {
  World world;
  Ledger ledger;
  world.source.add_file("x.log", "bytes");
  const store::Entry entry = world.send(ledger, "x.log");
  ledger.forget("x.log");
  ledger.cut_off("x.log", entry, "upload 7");
  ledger.renamed("x.log", "y.log");
  ledger.flush();
  CHECK_FALSE(world.proves(ledger, "x.log", 5));
  CHECK(ledger.memo("x.log", entry).empty());
  CHECK(ledger.in_directory("").empty());
}
