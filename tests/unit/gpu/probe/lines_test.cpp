#include "src/gpu/probe/lines.hpp"

#include <doctest/doctest.h>

using namespace toolkit::gpu;

namespace {

Facts read(std::string_view text) {
  Facts facts;
  facts.driver.nodes.push_back({"/dev/nvidia0", true, {}, {}, {}, {}, {}, {}});
  LineReader reader(facts);
  reader.feed(text);
  return facts;
}

}  // namespace

TEST_CASE("what a probe says becomes facts, GPU by GPU") {
  const Facts facts = read(
      "nvml.library /usr/lib/libnvidia-ml.so.1\nnvml.init 0\nnvml.count 2\n"
      "gpu 1 handle 15\n"
      "gpu 0 handle 0\ngpu 0 address 0000:3B:00.0\ngpu 0 architecture 9\ngpu 0 minor 4\n"
      "gpu 0 value ecc.mode 1\ngpu 0 absent temp.margin no symbol nvmlDeviceGetMarginTemperature\n"
      "gpu 0 link 3 state 1\ngpu 0 link 3 replay 2\n"
      "gpu 0 process process.compute 4321 1048576\n"
      "p2p 0-1 nvlink ok\nnode 1 /dev/nvidia0\nversion 550.90.07\n"
      "cuda.init 999\ncuda 0 attribute dma_buf 1\n");
  const NvmlFacts& nvml = facts.probes.nvml;
  REQUIRE(nvml.gpus.size() == 2);
  CHECK(nvml.gpus[0].address == "0000:3b:00.0");
  CHECK(nvml.gpus[0].architecture == "hopper");
  CHECK(nvml.gpus[0].values.at("ecc.mode") == "1");
  CHECK(nvml.gpus[0].absent.at("temp.margin") == "no symbol nvmlDeviceGetMarginTemperature");
  REQUIRE(nvml.gpus[0].links.size() == 1);
  CHECK(nvml.gpus[0].links[0].at("replay") == "2");
  CHECK(nvml.gpus[0].processes[0].at("kind") == "compute");
  CHECK(nvml.gpus[1].handle_error == 15);
  CHECK(nvml.p2p.at("0-1 nvlink") == "ok");
  CHECK(facts.driver.nodes[0].open_error == 1);
  CHECK(facts.driver.ioctl_version == "550.90.07");
  CHECK(facts.probes.cuda.init_error == 999);
  CHECK(facts.probes.cuda.gpus[0].attributes.at("dma_buf") == "1");
}

TEST_CASE("counters of AMD's GPUs come line by line, and only for a GPU that is there") {
  Facts facts;
  facts.amd.gpus.emplace_back().address = "0000:05:00.0";
  LineReader reader(facts);
  const std::string devices = "/sys/bus/pci/devices/";
  reader.feed("file " + devices + "0000:05:00.0/ras/umc_err_count ue: 2\n" + "file " + devices +
              "0000:05:00.0/ras/umc_err_count ce: 0\n" + "file " + devices +
              "0000:06:00.0/ras/umc_err_count ue: 9\n" + "file " + devices +
              "0000:05:00.0/vendor 0x1002\nfile\n");
  CHECK(facts.amd.gpus[0].values ==
        std::map<std::string, std::string>{{"ras/umc_err_count", "ue: 2\nce: 0"}});
}

TEST_CASE("lines that no probe of ours says change nothing") {
  const Facts facts = read(
      "\n \ngpu\ngpu x handle 0\ngpu -1 handle 0\ngpu 99999999999 handle 0\ngpu 256 handle 0\n"
      "nvml.init many\nnode\nnode x /nowhere\ncuda 1000 name x\n" +
      std::string(100000, 'a') + "\nnvml.count 3\n");
  CHECK(facts.probes.nvml.gpus.empty());
  CHECK(facts.probes.cuda.gpus.empty());
  CHECK(!facts.probes.nvml.init_error);
  CHECK(facts.probes.nvml.count == 3);
}

TEST_CASE("a line comes in pieces, and the last one without an end is not one") {
  Facts facts;
  LineReader reader(facts);
  reader.feed("phase nvmlIn");
  CHECK(reader.phase().empty());
  reader.feed("it_v2\nphase nvmlDeviceGetName(GPU 3)\nen");
  CHECK(reader.phase() == "nvmlDeviceGetName(GPU 3)");
  reader.feed("d");
  CHECK(!reader.ended());
  reader.feed("\n");
  CHECK(reader.ended());
}

TEST_CASE("a probe that never stops talking fills no memory") {
  Facts facts;
  LineReader reader(facts);
  const std::string part(1 << 20, 'a');
  for (int i = 0; i < 32; ++i) {
    reader.feed(part);
  }
  reader.feed("\nnvml.count 3\n");
  CHECK(!facts.probes.nvml.count);
}
