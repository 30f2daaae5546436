#include "src/sync/follow.hpp"

#include <doctest/doctest.h>
#include <tests/support/memory_store.hpp>
#include <tests/support/temp_dir.hpp>

#include <thread>

using namespace toolkit;
using namespace toolkit::sync;
using namespace std::chrono_literals;
using support::MemoryStore;
using support::TempDir;

namespace {

class Deaf : public Observer {
 public:
  void on_file(const FileEvent&) override {}
  void on_problem(const std::string&, const Error&) override {}
  void on_retry(const std::string&, const Error&, Milliseconds) override {}
};

Failure away(const char* why = "no route") {
  return Failure(Error{ErrorKind::unavailable, why, "", 0});
}

// Follows with passes that are the test's own; the numbers of the passes begin with 1.
struct World {
  Deaf deaf;
  Session session{Options{}, deaf};
  std::vector<bool> last;      // of each pass
  std::vector<bool> trusting;  // whether it was told what has been seen

  World() {
    session.options.transfer.retry_delay = Milliseconds(1);
    session.options.follow.interval = 1ms;
    session.options.follow.maximum_lag = 1ms;
    session.places.destination = std::make_unique<MemoryStore>();
  }
  Result<void> run(const std::function<Result<void>(std::size_t, const PassOptions&)>& pass) {
    return follow(session, [&](const PassOptions& options) {
      session.tally.begin_pass();
      last.push_back(options.last);
      trusting.push_back(!options.seen->empty());
      return pass(last.size(), options);
    });
  }
};

}  // namespace

TEST_CASE("passes follow each other until the stop, and then comes one that is the last") {
  World world;
  const auto followed = world.run([&](std::size_t number, const PassOptions&) -> Result<void> {
    if (number == 4) {
      world.session.halt.stop();
    }
    return {};
  });
  CHECK(followed);
  CHECK(world.last == std::vector<bool>{false, false, false, false, true});
}

TEST_CASE("after a stop that comes first, there is still the last pass") {
  World world;
  world.session.halt.stop();
  CHECK(world.run([](std::size_t, const PassOptions&) -> Result<void> { return {}; }));
  CHECK(world.last == std::vector<bool>{true});
}

TEST_CASE("a place that is away or full is tried again; after it nothing is taken for granted") {
  World world;
  const auto followed =
      world.run([&](std::size_t number, const PassOptions& options) -> Result<void> {
        options.seen->note("x", {});
        if (number == 2) {
          return away();
        }
        if (number == 3) {
          return fail(ErrorKind::failed, "no room");
        }
        if (number == 5) {
          world.session.halt.stop();
        }
        return {};
      });
  CHECK(followed);
  CHECK(world.trusting == std::vector<bool>{false, true, false, false, true, true});
}

TEST_CASE("a place that is somebody else's, or that we may not write to, ends the following") {
  World world;
  ErrorKind kind = ErrorKind::conflict;
  SUBCASE("somebody else's") {}
  SUBCASE("not for us") { kind = ErrorKind::denied; }
  const auto followed =
      world.run([&](std::size_t, const PassOptions&) -> Result<void> { return fail(kind, "no"); });
  REQUIRE_FALSE(followed);
  CHECK(followed.error().kind == kind);
  CHECK(world.last.size() == 1);
}

TEST_CASE("what the last pass could not do is the end's error") {
  World world;
  const auto followed = world.run([&](std::size_t, const PassOptions& options) -> Result<void> {
    world.session.halt.stop();
    return options.last ? away("gone for good") : Result<void>{};
  });
  REQUIRE_FALSE(followed);
  CHECK(followed.error().kind == ErrorKind::unavailable);
  CHECK(followed.error().message == "gone for good");
}

TEST_CASE("of a place that was away already, that is the reason and not the time") {
  World world;
  const auto followed = world.run([&](std::size_t, const PassOptions& options) -> Result<void> {
    if (!options.last) {
      world.session.halt.stop();
      return away("away before");
    }
    world.session.halt.abandon();
    return fail(ErrorKind::interrupted, "cut off");
  });
  REQUIRE_FALSE(followed);
  CHECK(followed.error().message == "away before");
}

TEST_CASE("a last pass that the time cut off is a failure that says so") {
  World world;
  const auto followed = world.run([&](std::size_t, const PassOptions& options) -> Result<void> {
    world.session.halt.stop();
    return options.last ? fail(ErrorKind::interrupted, "cut off") : Result<void>{};
  });
  REQUIRE_FALSE(followed);
  CHECK(followed.error().kind == ErrorKind::failed);
  CHECK(followed.error().message.find("the time was over") != std::string::npos);
}

TEST_CASE("what changes in a directory that was met wakes the next pass before the interval") {
  World world;
  const TempDir dir;
  world.session.options.follow.interval = std::chrono::minutes(10);
  std::thread writer;
  const auto followed =
      world.run([&](std::size_t number, const PassOptions& options) -> Result<void> {
        if (options.events != nullptr) {
          options.events->watch(dir.path());
        }
        if (number == 2) {  // the first is followed at once: its directory was new
          writer = std::thread([&] { dir.write("x.log", "line"); });
        }
        if (number == 3) {
          world.session.halt.stop();
        }
        return {};
      });
  writer.join();
  CHECK(followed);
  CHECK(world.last.size() == 4);
}

TEST_CASE("a stop ends the pause between two passes") {
  World world;
  world.session.options.follow.interval = std::chrono::minutes(10);
  std::thread stopper;
  CHECK(world.run([&](std::size_t number, const PassOptions&) -> Result<void> {
    if (number == 1) {
      stopper = std::thread([&] { world.session.halt.stop(); });
    }
    return {};
  }));
  stopper.join();
  CHECK(world.last == std::vector<bool>{false, true});
}

TEST_CASE("after a file that failed the next look comes soon, not at the interval") {
  World world;
  world.session.options.follow.interval = std::chrono::minutes(10);
  CHECK(world.run([&](std::size_t number, const PassOptions&) -> Result<void> {
    if (number == 1) {
      world.session.tally.problem("x", {ErrorKind::failed, "no", "", 0});
    }
    if (number == 2) {
      world.session.halt.stop();
    }
    return {};
  }));
  CHECK(world.last.size() == 3);
}

TEST_CASE("a mistake in --until is an error before anything is looked at") {
  World world;
  world.session.options.follow.until = {"file:x size>"};
  const auto followed =
      world.run([](std::size_t, const PassOptions&) -> Result<void> { return {}; });
  REQUIRE_FALSE(followed);
  CHECK(followed.error().kind == ErrorKind::usage);
  CHECK(world.last.empty());
}
