#include "s3_fake.hpp"

#include <atomic>

using namespace toolkit;
using support::FakeS3;
using support::HttpHeard;
using support::S3Dialect;
using Conditions = S3Dialect::Conditions;

TEST_CASE(
    "of those that race for a claim at most one wins, whatever the server makes of conditions") {
  for (const Conditions conditions :
       {Conditions::heeded, Conditions::unquoted, Conditions::ignored, Conditions::unknown}) {
    CAPTURE(static_cast<int>(conditions));
    FakeS3 bucket(S3Dialect{.conditions = conditions});
    for (int round = 0; round < 3; ++round) {
      const std::string key = "claim" + std::to_string(round);
      std::atomic<int> owners = 0, refused = 0;
      std::string owner;
      std::vector<std::thread> racers;
      for (int i = 0; i < 8; ++i) {
        racers.emplace_back([&, name = "racer " + std::to_string(i)] {
          const auto made = bucket.open()->create_exclusively(key, name);
          if (made) {
            ++owners;
            owner = name;
          } else if (made.error().kind == ErrorKind::conflict) {
            ++refused;
          }
        });
      }
      for (std::thread& racer : racers) {
        racer.join();
      }
      CHECK(owners <= 1);
      CHECK(owners + refused == 8);
      if (owners == 1) {
        CHECK(bucket.objects[key].bytes == owner);
      }
      if (conditions == Conditions::heeded) {
        CHECK(owners == 1);
      }
    }
    CHECK(bucket.open()->create_exclusively("alone", "me"));
    CHECK(bucket.open()->create_exclusively("alone", "me too").error().kind == ErrorKind::conflict);
    for (const auto& [key, object] : bucket.objects) {
      CHECK(key.find("toolkit-sync") == std::string::npos);  // nothing is left lying about
    }
  }
}

TEST_CASE("a claim whose answer was lost is ours, and another one's is not") {
  for (const bool ours : {true, false}) {
    FakeS3 bucket;
    const auto place = bucket.open();
    REQUIRE(place->create_exclusively("first", "x"));  // what must be tried is tried
    int lost = 0;
    (ours ? bucket.after
          : bucket.before) = [&](const HttpHeard& heard) -> std::optional<std::string> {
      if (heard.target != "/b/claim" || heard.method != "PUT" || ++lost > 1) {
        return std::nullopt;
      }
      if (!ours) {
        bucket.objects["claim"] = {"somebody else", ""};
      }
      return "";
    };
    CHECK(place->create_exclusively("claim", "me").has_value() == ours);
    CHECK(bucket.objects["claim"].bytes == (ours ? "me" : "somebody else"));
  }
}

TEST_CASE("a claim is renewed only while it is as it was") {
  for (const Conditions conditions :
       {Conditions::heeded, Conditions::unquoted, Conditions::ignored, Conditions::unknown}) {
    CAPTURE(static_cast<int>(conditions));
    FakeS3 bucket(S3Dialect{.conditions = conditions});
    const auto place = bucket.open();
    CHECK(place->replace_if_same("claim", "", "x").error().kind == ErrorKind::conflict);
    bucket.objects["claim"] = {"old", ""};
    CHECK(place->replace_if_same("claim", "other", "new").error().kind == ErrorKind::conflict);
    REQUIRE(place->replace_if_same("claim", "old", "new"));
    CHECK(bucket.objects["claim"].bytes == "new");
    REQUIRE(place->replace_if_same("claim", "new", ""));
    CHECK(bucket.objects["claim"].bytes == toolkit::store::kNothing);
  }
}

TEST_CASE("a claim is removed when it is given back, where only that one can be hit") {
  for (const bool heeded : {true, false}) {
    CAPTURE(heeded);
    FakeS3 bucket(S3Dialect{.conditional_deletes = heeded});
    const auto place = bucket.open();
    REQUIRE(place->create_exclusively("claim", "me"));
    REQUIRE(place->replace_if_same("claim", "me", "").has_value());
    CHECK(bucket.objects.contains("claim") == !heeded);
    CHECK(bucket.objects.size() == (heeded ? 0 : 1));
    bucket.objects["claim"] = {"me again", ""};
    bucket.after = [&](const HttpHeard& heard) -> std::optional<std::string> {
      if (heard.method == "GET") {
        bucket.objects["claim"].bytes = "somebody else";
      }
      return std::nullopt;
    };
    CHECK(place->replace_if_same("claim", "me again", "").error().kind == ErrorKind::conflict);
    CHECK(bucket.objects["claim"].bytes == "somebody else");
  }
}

TEST_CASE("at Ceph the condition that it understands goes out first") {
  FakeS3 bucket(S3Dialect{.conditions = Conditions::unquoted, .ceph = true});
  bucket.objects["claim"] = {"old", ""};
  const auto place = bucket.open();
  REQUIRE(place->replace_if_same("claim", "old", "new"));
  CHECK(bucket.count("PUT") == 1);
  REQUIRE(place->replace_if_same("claim", "new", ""));
  CHECK(bucket.count("PUT") == 2);
}

TEST_CASE("a claim that changes between the look and the write is not overwritten") {
  for (const Conditions conditions : {Conditions::heeded, Conditions::unquoted}) {
    FakeS3 bucket(S3Dialect{.conditions = conditions});
    bucket.objects["claim"] = {"old", ""};
    bucket.after = [&](const HttpHeard& heard) -> std::optional<std::string> {
      if (heard.method == "GET") {
        bucket.objects["claim"].bytes = "somebody else";
      }
      return std::nullopt;
    };
    CHECK(bucket.open()->replace_if_same("claim", "old", "new").error().kind ==
          ErrorKind::conflict);
    CHECK(bucket.objects["claim"].bytes == "somebody else");
  }
}
