#include "../../../src/sync/retry.hpp"

#include <doctest/doctest.h>

#include <thread>
#include <vector>

using namespace toolkit;
using namespace std::chrono_literals;

namespace {

sync::TransferOptions quick(int retries) {
  sync::TransferOptions options;
  options.retries = retries;
  options.retry_delay = 1ms;
  return options;
}

}  // namespace

TEST_CASE("pauses double up to half a minute") {
  CHECK(sync::pause_limit(500ms, 1) == 500ms);
  CHECK(sync::pause_limit(500ms, 2) == 1s);
  CHECK(sync::pause_limit(500ms, 7) == 30s);
  CHECK(sync::pause_limit(500ms, 1'000) == 30s);
  CHECK(sync::pause_limit(0ms, 5) == 0ms);
}

TEST_CASE("only what may pass is tried again, and so often as was asked") {
  const sync::Halt halt;
  for (const auto kind : {ErrorKind::unavailable, ErrorKind::denied}) {
    int tries = 0;
    std::vector<Milliseconds> pauses;
    const auto result = sync::with_retries(
        quick(3), halt, [&](const Error&, Milliseconds pause) { pauses.push_back(pause); },
        [&]() -> Result<void> {
          ++tries;
          return fail(kind, "no");
        });
    CHECK(result.error().kind == kind);
    CHECK(tries == (kind == ErrorKind::unavailable ? 4 : 1));
    CHECK(pauses.size() == static_cast<std::size_t>(tries) - 1);
    for (std::size_t i = 0; i < pauses.size(); ++i) {
      CHECK(pauses[i] <= sync::pause_limit(1ms, static_cast<int>(i) + 1));
    }
  }
}

TEST_CASE("a try that works ends the tries") {
  const sync::Halt halt;
  int tries = 0;
  const auto result = sync::with_retries(
      quick(9), halt, [](const Error&, Milliseconds) {},
      [&]() -> Result<void> {
        return ++tries < 3 ? Result<void>(fail(ErrorKind::unavailable, "no")) : Result<void>();
      });
  CHECK(result);
  CHECK(tries == 3);
}

TEST_CASE("a stop ends the pause and the tries, for those of the last pass; an abandon ends both") {
  sync::Halt halt;
  std::thread stopper([&] {
    std::this_thread::sleep_for(20ms);
    halt.stop();
  });
  CHECK_FALSE(halt.pause(60s));
  stopper.join();
  CHECK(halt.stopping());
  CHECK(halt.last_is_next());
  halt.begin_last();
  CHECK(halt.pause(1ms));  // of the last pass, pauses are pauses again
  std::thread abandoner([&] {
    std::this_thread::sleep_for(20ms);
    halt.abandon();
  });
  CHECK_FALSE(halt.pause(60s));
  abandoner.join();
  int tries = 0;
  const auto result = sync::with_retries(
      quick(9), halt, [](const Error&, Milliseconds) {},
      [&]() -> Result<void> {
        ++tries;
        return fail(ErrorKind::unavailable, "no");
      });
  CHECK_FALSE(result);
  CHECK(tries == 1);
}

TEST_CASE("what the end of the pass before has cut off has one more attempt in the last pass") {
  sync::Halt halt;
  int tries = 0;
  const auto try_cut_off = [&](int cut_off) {
    tries = 0;
    return sync::with_retries(
        quick(0), halt, [](const Error&, Milliseconds) {},
        [&]() -> Result<void> {
          if (++tries <= cut_off) {
            return fail(ErrorKind::interrupted, "was ended by us");
          }
          return {};
        });
  };
  halt.stop();
  CHECK_FALSE(try_cut_off(1));
  CHECK(tries == 1);
  halt.begin_last();
  CHECK(try_cut_off(1));
  CHECK_FALSE(try_cut_off(2));
  CHECK(tries == 2);
  halt.abandon();
  CHECK_FALSE(try_cut_off(1));
}
