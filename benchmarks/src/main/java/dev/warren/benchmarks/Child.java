package dev.warren.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Another process of the benchmarks, spoken to in lines. */
final class Child implements AutoCloseable {
  private final Process process;
  private final PrintStream commands;
  private final BufferedReader answers;

  /** Starts this program again with other arguments. */
  static Child start(List<String> jvm, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(jvm);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(Benchmarks.class.getName());
    command.addAll(arguments);
    return new Child(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  private Child(Process process) {
    this.process = process;
    this.commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    this.answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /** The next line that it prints. */
  String read() throws IOException {
    String line = answers.readLine();
    if (line == null) {
      throw new IOException("a child process ended: " + process.info());
    }
    return line;
  }

  String ask(String command) throws IOException {
    commands.println(command);
    return read();
  }

  /** Processor seconds since its start, user and system. */
  double cpuSeconds() {
    return Machine.cpuSeconds(process.pid());
  }

  @Override
  public void close() throws InterruptedException {
    commands.close();
    if (!process.waitFor(5, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
  }
}
