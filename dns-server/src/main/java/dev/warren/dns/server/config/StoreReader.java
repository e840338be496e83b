package dev.warren.dns.server.config;

import static dev.warren.dns.server.config.DnsKey.STORE_BACKEND;
import static dev.warren.dns.server.config.DnsKey.STORE_BATCH_SIZE;
import static dev.warren.dns.server.config.DnsKey.STORE_BATCH_TIME;
import static dev.warren.dns.server.config.DnsKey.STORE_EVICTION;
import static dev.warren.dns.server.config.DnsKey.STORE_EVICTION_INTERVAL;

import dev.warren.dns.server.store.Eviction;
import dev.warren.serving.config.ConfigReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The table {@code [zone_store]}. */
record StoreReader(ConfigReader reader) {
  private static final String FOLDER = "packets";

  StoreSettings read(Path data) {
    for (DnsKey key : List.of(STORE_BATCH_SIZE, STORE_BATCH_TIME)) {
      if (reader.has(key)) {
        reader.remark(key, "has no effect: a packet is on the disk before it is acknowledged");
      }
    }
    return new StoreSettings(
        backend(data),
        duration(STORE_EVICTION, Eviction.DEFAULT_AGE),
        duration(STORE_EVICTION_INTERVAL, Eviction.DEFAULT_INTERVAL));
  }

  private StoreSettings.Backend backend(Path data) {
    String word = reader.text(STORE_BACKEND).orElse("file");
    return switch (word) {
      case "file" -> new StoreSettings.Folder(data.resolve(FOLDER));
      case "memory" -> new StoreSettings.Memory();
      default -> {
        reader.problem(STORE_BACKEND, "is \"file\" or \"memory\", not \"" + word + '"');
        yield new StoreSettings.Memory();
      }
    };
  }

  private Duration duration(DnsKey key, Duration byDefault) {
    try {
      Duration read = reader.text(key).map(DurationText::parse).orElse(byDefault);
      if (read.toMillis() > 0) {
        return read;
      }
      reader.problem(key, "is at least a millisecond");
    } catch (IllegalArgumentException e) {
      reader.problem(key, "cannot be used: " + e.getMessage());
    }
    return byDefault;
  }
}
