package dev.warren.cli;

import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "id",
    mixinStandardHelpOptions = true,
    description = "Makes or loads a key, prints its id.")
final class IdCommand implements Callable<Integer> {
  @Mixin final OutputOptions output = new OutputOptions();

  @Option(
      names = "--secret-key",
      paramLabel = "FILE",
      description = "load it from here; made if absent (default: a new key, not kept)")
  @Nullable Path secretKey;

  @Override
  public Integer call() {
    try {
      NodeId id =
          (secretKey == null ? SecretKey.generate() : SecretKey.loadOrCreate(secretKey)).nodeId();
      output.output().event("id", id.toString(), "id", id, "z32", id.toZ32());
      return 0;
    } catch (IOException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    }
  }
}
