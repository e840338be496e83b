package dev.warren.dns.server.config;

import static dev.warren.dns.server.config.DnsKey.STORE_BACKEND;
import static dev.warren.dns.server.config.DnsKey.STORE_BATCH_SIZE;
import static dev.warren.dns.server.config.DnsKey.STORE_BATCH_TIME;
import static dev.warren.dns.server.config.DnsKey.STORE_EVICTION;
import static dev.warren.dns.server.config.DnsKey.STORE_EVICTION_INTERVAL;
import static dev.warren.dns.server.config.DnsKey.STORE_PASSWORD;
import static dev.warren.dns.server.config.DnsKey.STORE_URL;
import static dev.warren.dns.server.config.DnsKey.STORE_USER;

import dev.warren.dns.server.store.Eviction;
import dev.warren.dns.server.store.postgres.PostgresOptions;
import dev.warren.serving.config.ConfigReader;
import dev.warren.serving.config.Environment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The table {@code [zone_store]}. */
record StoreReader(ConfigReader reader, Environment environment) {
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
      case "postgresql" -> database();
      default -> {
        reader.problem(
            STORE_BACKEND, "is \"file\", \"postgresql\" or \"memory\", not \"" + word + '"');
        yield new StoreSettings.Memory();
      }
    };
  }

  /** A password is better in the environment than in a file; it goes before the file. */
  private StoreSettings.Backend database() {
    Optional<String> url = environment.get("DNS_STORE_URL", reader).or(() -> reader.text(STORE_URL));
    Optional<String> password =
        environment.get("DNS_STORE_PASSWORD", reader).or(() -> reader.text(STORE_PASSWORD));
    if (url.isEmpty()) {
      reader.problem(
          STORE_BACKEND,
          "\"postgresql\" needs zone_store.url, as in jdbc:postgresql://db.example/warren");
      return new StoreSettings.Memory();
    }
    try {
      return new StoreSettings.Database(
          new PostgresOptions(
              url.get(),
              reader.text(STORE_USER).orElse(""),
              password.orElse(""),
              PostgresOptions.DEFAULT_READERS,
              PostgresOptions.DEFAULT_TIMEOUT));
    } catch (IllegalArgumentException e) {
      reader.problem(STORE_URL, "cannot be used: " + e.getMessage());
      return new StoreSettings.Memory();
    }
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
