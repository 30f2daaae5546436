#pragma once
// The names in NvmlGpu::values (and in absent, where a value is not there). Numbers in decimal; a
// link has "link", "state", "version", "remote_type", "remote", "replay", "recovery", "crc",
// "speed", "effective_errors"; a process "kind", "pid", "memory"; a MIG instance "index", "uuid",
// "gpu_instance", "compute_instance", "memory_mb". p2p: "0-1 read|write|nvlink|atomics" is ok,
// chipset, gpu, topology, disabled, unsupported or unknown; "0-1 path" is board, switch, switches,
// bridge, node or system.

namespace toolkit::gpu::value {

// Who it is.
inline constexpr const char *kSerial = "serial", *kBoardPart = "board_part", *kVbios = "vbios",
                            *kInforom = "inforom";
// Memory, in bytes. Without kMemoryReserved, kMemoryUsed has what the driver holds for itself in
// it.
inline constexpr const char *kMemoryTotal = "memory.total", *kMemoryUsed = "memory.used",
                            *kMemoryFree = "memory.free", *kMemoryReserved = "memory.reserved",
                            *kMemoryBusWidth = "memory.bus_width", *kBar1Total = "bar1.total";
// Memory that fails.
inline constexpr const char *kEccMode = "ecc.mode", *kEccPending = "ecc.mode_pending",
                            *kEccVolatileCorrected = "ecc.volatile_corrected",
                            *kEccVolatileUncorrected = "ecc.volatile_uncorrected",
                            *kEccAggregateCorrected = "ecc.aggregate_corrected",
                            *kEccAggregateUncorrected = "ecc.aggregate_uncorrected",
                            *kSramThreshold = "ecc.sram_threshold",
                            *kSramVolatile = "ecc.sram_volatile_uncorrected",
                            *kSramAggregate = "ecc.sram_aggregate_uncorrected";
inline constexpr const char *kPagesSingle = "pages.single_bit", *kPagesDouble = "pages.double_bit",
                            *kPagesPending = "pages.pending",
                            *kPagesFieldPending = "pages.field_pending";
inline constexpr const char *kRemapCorrected = "remap.corrected",
                            *kRemapUncorrected = "remap.uncorrected",
                            *kRemapPending = "remap.pending", *kRemapFailure = "remap.failure",
                            *kRemapCorrectedInactive = "remap.corrected_inactive",
                            *kRemapUncorrectedInactive = "remap.uncorrected_inactive",
                            *kBanksMax = "remap.banks_max", *kBanksHigh = "remap.banks_high",
                            *kBanksPartial = "remap.banks_partial", *kBanksLow = "remap.banks_low",
                            *kBanksNone = "remap.banks_none";
// State. The reasons are nvml.h's bits, read twice; the *_ns count since the driver was loaded.
inline constexpr const char *kRecoveryAction = "recovery.action", *kThrottle = "throttle.reasons",
                            *kThrottleAgain = "throttle.reasons_again",
                            *kThrottlePower = "throttle.power_ns",
                            *kThrottleThermal = "throttle.thermal_ns",
                            *kThrottleHwThermal = "throttle.hw_thermal_ns",
                            *kThrottlePowerBrake = "throttle.power_brake_ns";
// Degrees Celsius; the margin is what is left to the slowdown.
inline constexpr const char *kTemperature = "temp.gpu", *kTemperatureMemory = "temp.memory",
                            *kTemperatureShutdown = "temp.shutdown",
                            *kTemperatureSlowdown = "temp.slowdown",
                            *kTemperatureMemoryMax = "temp.memory_max",
                            *kTemperatureGpuMax = "temp.gpu_max",
                            *kTemperatureMargin = "temp.margin";
// Milliwatts and MHz.
inline constexpr const char *kPowerUsage = "power.usage_mw", *kPowerLimit = "power.limit_mw",
                            *kPowerDefault = "power.default_mw", *kClockSm = "clock.sm",
                            *kClockMemory = "clock.memory", *kClockMaxSm = "clock.max_sm",
                            *kClockMaxMemory = "clock.max_memory",
                            *kClockApplicationSm = "clock.application_sm";
// The most that GPU and slot can do together is kPcieMax*; the GPU alone kPcieGpuGeneration.
inline constexpr const char *kPcieGeneration = "pcie.generation", *kPcieWidth = "pcie.width",
                            *kPcieMaxGeneration = "pcie.max_generation",
                            *kPcieMaxWidth = "pcie.max_width",
                            *kPcieGpuGeneration = "pcie.gpu_generation",
                            *kPcieReplays = "pcie.replays",
                            *kPcieFieldReplays = "pcie.field_replays";
// nvml.h's enums.
inline constexpr const char *kPersistence = "mode.persistence", *kComputeMode = "mode.compute",
                            *kVirtualization = "mode.virtualization", *kMigMode = "mig.mode",
                            *kMigPending = "mig.mode_pending", *kMigMost = "mig.most";
// The cluster is 32 hex digits.
inline constexpr const char *kNvlinkCount = "nvlink.count", *kNvlinkToSwitch = "nvlink.to_switch",
                            *kFabricState = "fabric.state", *kFabricStatus = "fabric.status",
                            *kFabricClique = "fabric.clique", *kFabricCluster = "fabric.cluster",
                            *kFabricHealth = "fabric.health", *kFabricSummary = "fabric.summary";

// Read again after the work of --deep, under their names with kAfter behind.
inline constexpr const char* kAfter = ".after";
inline constexpr const char* kCountedAtWork[] = {kEccVolatileCorrected, kEccVolatileUncorrected,
                                                 kPcieReplays};

}  // namespace toolkit::gpu::value
