package dev.warren.testlab.nat;

import dev.warren.testlab.Netns;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * The program that does what no command can: it holds packets back (kernels need not have a
 * delaying queue of their own), and makes routers forget. One for all namespaces of a laboratory.
 */
final class LabHelper implements AutoCloseable {
  private final Process helper;
  private final Path program;
  private final BufferedReader answers;

  private LabHelper(Process helper, Path program) {
    this.helper = helper;
    this.program = program;
    this.answers =
        new BufferedReader(new InputStreamReader(helper.getInputStream(), StandardCharsets.UTF_8));
  }

  static LabHelper start() throws IOException {
    Path program = Files.createTempFile("warren-lab", ".py");
    try (InputStream source = LabHelper.class.getResourceAsStream("helper.py")) {
      Files.copy(
          Objects.requireNonNull(source, "helper.py"),
          program,
          StandardCopyOption.REPLACE_EXISTING);
    }
    return new LabHelper(
        new ProcessBuilder("/usr/bin/env", "python3", program.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start(),
        program);
  }

  void set(Netns at, int queue, Quality quality) {
    tell(
        "{\"ns\":\"%s\",\"queue\":%d,\"delay\":%s,\"jitter\":%s,\"loss\":%s,\"burst\":%s}\n"
            .formatted(
                path(at),
                queue,
                quality.delayMillis(),
                quality.jitterMillis(),
                quality.loss(),
                quality.burst()));
  }

  /** Ends every connection that the kernel tracks there, as a reboot does. */
  void flush(Netns at) {
    tell("{\"flush\":\"%s\"}\n".formatted(path(at)));
  }

  private static String path(Netns at) {
    return "/run/netns/" + at;
  }

  private void tell(String line) {
    try {
      helper.getOutputStream().write(line.getBytes(StandardCharsets.UTF_8));
      helper.getOutputStream().flush();
      String answer = answers.readLine();
      if (!"ok".equals(answer)) {
        throw new IllegalStateException("the laboratory's helper: " + answer);
      }
    } catch (IOException e) {
      throw new IllegalStateException("the laboratory's helper is gone", e);
    }
  }

  @Override
  public void close() {
    try {
      helper.getOutputStream().close();
      if (!helper.waitFor(5, TimeUnit.SECONDS)) {
        helper.destroyForcibly();
      }
      Files.deleteIfExists(program);
    } catch (IOException e) {
      helper.destroyForcibly();
    } catch (InterruptedException e) {
      helper.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
