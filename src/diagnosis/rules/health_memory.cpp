// What the driver says of a GPU as a whole, and of its memory.
#include "gpus.hpp"
#include "health.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace toolkit::diagnosis {
namespace {

using gpu::NvmlGpu;
namespace value = gpu::value;

Finding recovery(const NvmlGpu& gpu) {
  const auto action = number(gpu, value::kRecoveryAction);
  const std::vector<std::string> evidence{shown(gpu, value::kRecoveryAction)};
  switch (action.value_or(-1)) {
    case -1:
      return not_there(gpu, value::kRecoveryAction);
    case 0:
      return pass("the driver asks for nothing", evidence);
    case 1:
      return as("reset", fail(Owner::node, "the driver says that this GPU must be reset",
                              "on the node, stop its users and run `nvidia-smi --gpu-reset -i GPU`",
                              evidence));
    case 2:
      return as("reboot", fail(Owner::node, "the driver says that this node must be rebooted",
                               "drain the node and reboot it", evidence));
    case 3:
      return as("drain", warn(Owner::node,
                              "the driver says that peer-to-peer traffic should be "
                              "drained from this GPU",
                              "let the jobs on the node end, then reset the GPU", evidence));
    case 4:
      return as(
          "drain_and_reset",
          fail(Owner::node, "the driver says that this GPU must be drained and reset",
               "let the jobs on the node end, then run `nvidia-smi --gpu-reset -i GPU`", evidence));
    case 5:
      return as("imex", fail(Owner::node, "the driver says that the IMEX domain must be recovered",
                             "restart nvidia-imex on all nodes of the domain", evidence));
    default:
      return as("unknown_action",
                warn(Owner::node, "the driver asks for an action that is newer than this program",
                     "look it up in the driver's nvml.h: nvmlDeviceGpuRecoveryAction_t", evidence));
  }
}

// Boards for data centers have ECC and are delivered with it switched on.
bool is_for_data_center(const NvmlGpu& gpu) {
  constexpr std::array<std::string_view, 14> kNames{"A100", "A800", "A30", "A40",   "H100",
                                                    "H200", "H800", "H20", "GH200", "B200",
                                                    "B300", "V100", "L40", "P100"};
  return std::ranges::any_of(
      kNames, [&](std::string_view name) { return gpu.name.find(name) != std::string::npos; });
}

Finding ecc(const NvmlGpu& gpu) {
  const auto mode = number(gpu, value::kEccMode);
  const auto is_volatile = number(gpu, value::kEccVolatileUncorrected);
  const auto aggregate = number(gpu, value::kEccAggregateUncorrected);
  if (is_volatile.value_or(0) > 0) {
    return as("uncorrectable",
              fail(Owner::hardware,
                   fmt::format("{} uncorrectable memory errors since the driver was loaded",
                               *is_volatile),
                   "do not train on this GPU: reset it, and have it replaced if errors come back",
                   {shown(gpu, value::kEccVolatileUncorrected),
                    shown(gpu, value::kEccAggregateUncorrected)}));
  }
  if (number(gpu, value::kSramThreshold).value_or(0) != 0) {
    return as("sram", fail(Owner::hardware, "on-chip memory has had more errors than it should",
                           "run the maker's field diagnostic; have the GPU replaced",
                           {shown(gpu, value::kSramThreshold), shown(gpu, value::kSramVolatile),
                            shown(gpu, value::kSramAggregate)}));
  }
  if (!mode) {
    return not_there(gpu, value::kEccMode);
  }
  if (const auto pending = number(gpu, value::kEccPending); pending && *pending != *mode) {
    return as("pending", warn(Owner::node, "a change of the ECC mode waits for a reboot",
                              "reset the GPU or reboot the node",
                              {shown(gpu, value::kEccMode), shown(gpu, value::kEccPending)}));
  }
  if (*mode == 0 && is_for_data_center(gpu)) {
    return as("off", warn(Owner::node, "ECC is switched off: memory errors would go unseen",
                          "on the node, `nvidia-smi -e 1` and a reset of the GPU",
                          {shown(gpu, value::kEccMode)}));
  }
  if (aggregate.value_or(0) > 0) {
    return as("aggregate",
              warn(Owner::hardware,
                   fmt::format("{} uncorrectable memory errors in this GPU's life", *aggregate),
                   "watch it; have it replaced if the number grows",
                   {shown(gpu, value::kEccAggregateUncorrected)}));
  }
  return *mode == 0 || is_volatile
             ? pass(*mode == 0 ? "no ECC" : "no uncorrectable memory error",
                    {shown(gpu, value::kEccMode), shown(gpu, value::kEccVolatileUncorrected)})
             : not_there(gpu, value::kEccVolatileUncorrected);
}

// DCGM's limits: 63 pages are all there are to retire, 15 many.
Finding pages(const NvmlGpu& gpu) {
  const auto single = number(gpu, value::kPagesSingle);
  const auto twice = number(gpu, value::kPagesDouble);
  if (!single && !twice) {
    return not_there(gpu, value::kPagesDouble);
  }
  const std::int64_t all = single.value_or(0) + twice.value_or(0);
  const std::vector<std::string> evidence{shown(gpu, value::kPagesSingle),
                                          shown(gpu, value::kPagesDouble),
                                          shown(gpu, value::kPagesPending)};
  if (all >= 63) {
    return as("used_up", fail(Owner::hardware, fmt::format("{} memory pages are retired", all),
                              "have the GPU replaced: no more pages can be retired", evidence));
  }
  if (number(gpu, value::kPagesPending).value_or(0) != 0 ||
      number(gpu, value::kPagesFieldPending).value_or(0) != 0) {
    return as("pending", warn(Owner::node, "a memory page waits to be retired",
                              "reset the GPU before training on it", evidence));
  }
  if (all > 15) {
    return as("many", warn(Owner::hardware, fmt::format("{} memory pages are retired", all),
                           "watch it; have it replaced if the number grows", evidence));
  }
  return pass(fmt::format("{} memory pages are retired", all), evidence);
}

Finding remap(const NvmlGpu& gpu) {
  const auto failure = number(gpu, value::kRemapFailure);
  const auto low = number(gpu, value::kBanksLow).value_or(0);
  const auto none = number(gpu, value::kBanksNone).value_or(0);
  const auto uncorrected = number(gpu, value::kRemapUncorrected).value_or(0);
  const std::vector<std::string> evidence{
      shown(gpu, value::kRemapFailure), shown(gpu, value::kRemapPending),
      shown(gpu, value::kRemapUncorrected), shown(gpu, value::kBanksLow),
      shown(gpu, value::kBanksNone)};
  if (!failure) {
    return not_there(gpu, value::kRemapFailure);
  }
  if (*failure != 0) {
    return as("failure",
              fail(Owner::hardware, "a memory row could not be remapped: no spare is left",
                   "do not train on this GPU; have it replaced", evidence));
  }
  if (number(gpu, value::kRemapPending).value_or(0) != 0) {
    return as("pending", fail(Owner::node, "a memory row waits to be remapped",
                              "reset the GPU before training on it: on the node, `nvidia-smi "
                              "--gpu-reset -i GPU`",
                              evidence));
  }
  if (uncorrected >= 512 || low > 0 || none > 0) {
    return as(
        "spares",
        warn(Owner::hardware,
             fmt::format("few spare memory rows are left ({} banks low, {} without)", low, none),
             "plan its replacement", evidence));
  }
  return pass(fmt::format("{} memory rows are remapped, none waits", uncorrected), evidence);
}

}  // namespace

std::vector<Finding> judge_recovery(const Question& question) {
  return each_gpu(question, recovery);
}
std::vector<Finding> judge_ecc(const Question& question) { return each_gpu(question, ecc); }
std::vector<Finding> judge_pages(const Question& question) { return each_gpu(question, pages); }
std::vector<Finding> judge_remap(const Question& question) { return each_gpu(question, remap); }

}  // namespace toolkit::diagnosis
