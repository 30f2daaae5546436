#pragma once
// One file a side, in the order in which they are judged.

#include <toolkit/diagnosis/rule.hpp>

namespace toolkit::diagnosis {

[[nodiscard]] std::span<const Rule> probe_rules();    // probe.hung: before all else
[[nodiscard]] std::span<const Rule> place_rules();    // env.runtime, env.visible, env.badvars
[[nodiscard]] std::span<const Rule> device_rules();   // drv.*, dev.*
[[nodiscard]] std::span<const Rule> library_rules();  // drv.mismatch, driver files
[[nodiscard]] std::span<const Rule> nvml_rules();     // nvml.*
[[nodiscard]] std::span<const Rule> visible_rules();  // env.cvd, env.require
[[nodiscard]] std::span<const Rule> health_rules();   // hw.*
[[nodiscard]] std::span<const Rule> link_rules();     // nvlink.*, fab.*
[[nodiscard]] std::span<const Rule> cuda_rules();     // cuda.init
[[nodiscard]] std::span<const Rule> count_rules();    // env.count
[[nodiscard]] std::span<const Rule> image_rules();  // cuda.runtime, .compat, .arch, .libs, image.*
[[nodiscard]] std::span<const Rule> host_rules();   // sys.*
[[nodiscard]] std::span<const Rule> rdma_rules();   // rdma.*
[[nodiscard]] std::span<const Rule> amd_rules();    // amd.*
[[nodiscard]] std::span<const Rule> deep_rules();   // burn.*
[[nodiscard]] std::span<const Rule> deep_counter_rules();  // burn.counters

}  // namespace toolkit::diagnosis
