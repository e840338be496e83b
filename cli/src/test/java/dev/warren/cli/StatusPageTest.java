package dev.warren.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.testlab.Await;
import dev.warren.testlab.Namespaces;
import dev.warren.testlab.Netns;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The status page in a real browser, all of it in a network that has loopback only. */
@Timeout(240)
class StatusPageTest {
  private static final String PAGE = "http://127.0.0.1:9091/";
  private static final String RELAY = "http://127.0.0.1:3340/";
  private static final Path SCREENSHOT = Path.of("target", "status-page.png");

  /** The page asks once a second: three answers. */
  private static final String LOOK_MILLIS = "3000";

  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private Netns loopback;

  @TempDir Path temp;

  @BeforeAll
  static void needsABrowserAndANamespace() {
    Namespaces.need(Netns.unavailable());
    Namespaces.need(browser().isPresent() ? Optional.empty() : Optional.of("no chromium in PATH"));
  }

  private static Optional<Path> browser() {
    return Arrays.stream(System.getenv("PATH").split(":"))
        .map(dir -> Path.of(dir, "chromium"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  @BeforeEach
  void relay() throws Exception {
    loopback = new Netns("page");
    open.push(loopback);
    warren("relay", "--dev", "--json", "--status-port", "9091").await("bound");
  }

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
  }

  private List<String> inside() {
    return List.of("ip", "netns", "exec", loopback.toString());
  }

  private WarrenProcess warren(String... args) throws IOException {
    WarrenProcess process = WarrenProcess.start(Map.of(), inside(), args);
    open.push(process);
    return process;
  }

  private WarrenProcess peer() throws IOException {
    WarrenProcess peer = warren("listen", "--json", "--relay", RELAY, "--no-direct");
    peer.await("online");
    return peer;
  }

  /** What the page has become after a few seconds in a browser. */
  private String look(String... more) {
    try {
      List<String> command = new ArrayList<>(inside());
      command.add(browser().orElseThrow().toString());
      command.addAll(
          List.of(
              "--headless",
              "--no-sandbox",
              "--disable-gpu",
              "--disable-dev-shm-usage",
              "--no-first-run",
              "--no-proxy-server",
              "--user-data-dir=" + temp.resolve("profile"),
              "--virtual-time-budget=" + LOOK_MILLIS));
      command.addAll(List.of(more));
      command.add(PAGE);
      Process browser =
          new ProcessBuilder(command).redirectError(temp.resolve("browser.log").toFile()).start();
      browser.getOutputStream().close();
      String dom = new String(browser.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(browser.waitFor(60, TimeUnit.SECONDS)).as("the browser ends").isTrue();
      return dom;
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private String lookUntil(String what, Predicate<String> seen) {
    String[] dom = new String[1];
    Await.until(
        what,
        Duration.ofSeconds(120),
        () -> {
          dom[0] = look("--dump-dom");
          return seen.test(dom[0]);
        });
    return dom[0];
  }

  private static String text(String dom, String id) {
    Matcher element = Pattern.compile("id=\"" + id + "\"[^>]*>([^<]*)<").matcher(dom);
    assertThat(element.find()).as(id + " in " + dom).isTrue();
    return element.group(1);
  }

  /** Whether the line of the chart leaves the bottom. */
  private static boolean moves(String dom) {
    Matcher line = Pattern.compile("id=\"received\"[^>]* d=\"([^\"]*)\"").matcher(dom);
    assertThat(line.find()).as("the chart in " + dom).isTrue();
    return Pattern.compile(" (?!190\\.0)\\d+\\.\\d").matcher(line.group(1)).find();
  }

  @Test
  void clientsAppearAndLeaveAndTheChartMoves() throws Exception {
    String empty = lookUntil("an answer", d -> text(d, "count").equals("0"));
    assertThat(moves(empty)).isFalse();
    assertThat(text(empty, "state")).startsWith("up for");

    WarrenProcess one = peer();
    WarrenProcess two = peer();
    String id = ((String) one.await("bound").get("id")).substring(0, 10);
    String both = lookUntil("two clients", d -> text(d, "count").equals("2"));
    assertThat(both).contains(id, "127.0.0.1:", "iroh-relay-v");

    warren(
            "connect",
            one.ticket(),
            "--relay",
            RELAY,
            "--no-direct",
            "--alpn",
            "warren-source/0",
            "--bytes",
            "64MiB",
            "--json")
        .assertExit(0);
    lookUntil("a chart that moves", StatusPageTest::moves);
    look("--window-size=1000,900", "--screenshot=" + SCREENSHOT.toAbsolutePath());
    assertThat(SCREENSHOT).isNotEmptyFile();

    one.signal("TERM");
    one.assertExit(0);
    String left = lookUntil("one client", d -> text(d, "count").equals("1"));
    assertThat(left).doesNotContain(id);
    two.signal("TERM");
    two.assertExit(0);
    lookUntil("nobody", d -> text(d, "count").equals("0"));
  }
}
