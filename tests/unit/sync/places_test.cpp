#include "src/sync/places.hpp"

#include <doctest/doctest.h>
#include <tests/support/temp_dir.hpp>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

using namespace toolkit;
using namespace toolkit::sync;
using support::TempDir;

namespace {

// "in/" with two files and a directory, and room beside it.
struct World {
  TempDir dir;
  store::Settings settings;

  World() {
    dir.write("in/a.log", "a");
    dir.write("in/deep/b.log", "b");
    settings.get_env = [](const char* name) -> const char* { return ::getenv(name); };
  }
  [[nodiscard]] store::Location at(const std::string& name) const {
    return *store::parse_location(dir / name);
  }
  [[nodiscard]] Result<Places> open(const std::vector<std::string>& from, const std::string& to,
                                    bool may_come = false) const {
    std::vector<store::Location> sources;
    for (const std::string& name : from) {
      sources.push_back(at(name));
    }
    return open_places(sources, at(to), settings, may_come);
  }
  // Where a file of the destination's root would lie.
  [[nodiscard]] std::string place_of(const Places& places, const std::string& key) const {
    return std::filesystem::path(places.destination->name_of(key)).lexically_normal();
  }
  [[nodiscard]] ErrorKind kind_of(const Result<Places>& places) const {
    REQUIRE_FALSE(places);
    return places.error().kind;
  }
};

}  // namespace

TEST_CASE("behind a slash the contents are meant, without one the directory itself") {
  const World world;
  const auto contents = world.open({"in/"}, "out/");
  REQUIRE(contents);
  CHECK(contents->sources.front().only.empty());
  CHECK(contents->sources.front().root == world.dir / "in");
  CHECK(contents->sources.front().store->stat("a.log")->has_value());
  const auto itself = world.open({"in"}, "out/");
  REQUIRE(itself);
  CHECK(itself->sources.front().only == "in");
  CHECK(itself->sources.front().root == world.dir.path());
  CHECK(itself->sources.front().is_directory);
  CHECK(world.place_of(*itself, "in/a.log") == world.dir / "out/in/a.log");
}

TEST_CASE("DEST is the new name of a single file, but for a directory and behind a slash") {
  const World world;
  const auto renamed = world.open({"in/a.log"}, "new/name.log");
  REQUIRE(renamed);
  CHECK(renamed->sources.front().renamed == "name.log");
  CHECK_FALSE(renamed->sources.front().is_directory);
  CHECK(world.place_of(*renamed, "name.log") == world.dir / "new/name.log");
  const auto below = world.open({"in/a.log"}, "new/");
  REQUIRE(below);
  CHECK(below->sources.front().renamed.empty());
  CHECK(world.place_of(*below, "a.log") == world.dir / "new/a.log");
  world.dir.write("there/x", "");
  const auto into = world.open({"in/a.log"}, "there");
  REQUIRE(into);
  CHECK(into->sources.front().renamed.empty());
  CHECK(world.place_of(*into, "a.log") == world.dir / "there/a.log");
  const auto over = world.open({"in/a.log"}, "there/x");
  REQUIRE(over);
  CHECK(over->sources.front().renamed == "x");
}

TEST_CASE("several sources go into DEST, whatever it is called") {
  const World world;
  const auto places = world.open({"in/a.log", "in/deep"}, "out");
  REQUIRE(places);
  CHECK(places->sources.size() == 2);
  CHECK(places->sources.front().renamed.empty());
  CHECK(world.place_of(*places, "a.log") == world.dir / "out/a.log");
}

TEST_CASE(
    "no directory is copied into itself, by whatever name, also where DEST is yet to be made") {
  const World world;
  REQUIRE(::symlink("in", (world.dir / "link").c_str()) == 0);
  for (const char* to : {"in", "in/", "in/new", "in/deep/", "in/new/and/deeper/", "link/new"}) {
    CAPTURE(to);
    CHECK(world.kind_of(world.open({"in/"}, to)) == ErrorKind::usage);
  }
  CHECK(world.open({"in/"}, "in2/"));
  CHECK(world.open({"in/deep/"}, "in/"));
}

TEST_CASE("no file and no directory is copied onto itself") {
  const World world;
  REQUIRE(::symlink("in", (world.dir / "link").c_str()) == 0);
  CHECK(world.kind_of(world.open({"in/a.log"}, "in/")) == ErrorKind::usage);
  CHECK(world.kind_of(world.open({"in/a.log"}, "in/a.log")) == ErrorKind::usage);
  CHECK(world.kind_of(world.open({"in/a.log"}, "link/a.log")) == ErrorKind::usage);
  CHECK(world.kind_of(world.open({"in/deep", "in/a.log"}, "in")) == ErrorKind::usage);
  CHECK(world.open({"in/a.log"}, "in/b.log"));
}

TEST_CASE("a link to a directory that the user names is that directory") {
  const World world;
  REQUIRE(::symlink("in", (world.dir / "link").c_str()) == 0);
  const auto source = open_source(world.at("link"), world.settings);
  REQUIRE(source);
  CHECK(source->is_directory);
  CHECK(source->only == "link");
}

TEST_CASE("a source that is not there is an error, unless it may come") {
  const World world;
  CHECK(world.kind_of(world.open({"missing"}, "out/")) == ErrorKind::not_found);
  CHECK(world.kind_of(world.open({"missing/"}, "out/")) == ErrorKind::not_found);
  CHECK(world.open({"missing/"}, "out/", true));
  const auto coming = world.open({"missing.log"}, "out/", true);
  REQUIRE(coming);
  CHECK_FALSE(coming->sources.front().is_there);
}

TEST_CASE("what is not there yet does not get a new name: nobody knows what it will be") {
  const World world;
  CHECK(world.kind_of(world.open({"missing.log"}, "new.log", true)) == ErrorKind::not_found);
  world.dir.write("there/x", "");
  CHECK(world.open({"missing.log"}, "there", true));
}

TEST_CASE("the walk of a source is told what the user selected, and where it lies") {
  const World world;
  const auto source = open_source(world.at("in/a.log"), world.settings);
  REQUIRE(source);
  SelectionOptions selection;
  selection.links = selection::Links::skip;
  selection.limits.maximum_size = 7;
  const selection::WalkOptions walk = walk_options(*source, selection);
  CHECK(walk.only == "a.log");
  CHECK(walk.root == world.dir / "in");
  CHECK(walk.links == selection::Links::skip);
  CHECK(walk.limits.maximum_size == 7);
}
