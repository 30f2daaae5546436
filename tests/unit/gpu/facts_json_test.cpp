#include <toolkit/gpu/facts_json.hpp>

#include <doctest/doctest.h>

using namespace toolkit::gpu;

TEST_CASE("facts come back from JSON as they were") {
  Facts facts;
  facts.place.variables["CUDA_VISIBLE_DEVICES"] = "0,1";
  facts.driver.nodes.push_back({"/dev/nvidia0", true, 0666, 0, 0, 195, 0, 1});
  facts.driver.majors = {{"nvidia", 195}};
  facts.probes.nvml.gpus.emplace_back().values["ecc.mode"] = "1";
  facts.probes.cuda.init_error = 999;
  facts.probes.outcomes.push_back({"nvml", "hung", "nvmlInit_v2", "", 5000.5});
  const std::string text = to_json(facts);
  const auto again = facts_from_json(text);
  REQUIRE(again);
  CHECK(to_json(*again) == text);
  CHECK(again->driver.nodes[0].open_error == 1);
  CHECK(!again->probes.nvml.init_error);
}

TEST_CASE("a capture with a value of the wrong kind is refused by its place") {
  const auto refused = [](std::string_view body) {
    const auto facts =
        facts_from_json("{\"schema\":\"toolkit.gpu-facts/1\"," + std::string(body) + "}");
    return facts ? std::string("taken") : facts.error().message;
  };
  const std::string begin = "not a capture of check-gpu: ";
  CHECK(refused(R"("driver":{"nodes":[{},{"path":3}]})") ==
        begin + "driver.nodes[1].path is not a string");
  CHECK(refused(R"("place":{"uid":-1})") == begin + "place.uid is not a whole number in range");
  CHECK(refused(R"("place":{"later":[1]},"unknown":true)") == "taken");
  CHECK(!facts_from_json("[]"));
  CHECK(!facts_from_json("{\"schema\":\"toolkit.job/1\"}"));
}
