package dev.warren.benchmarks;

import dev.warren.base.SocketAddrs;
import dev.warren.relay.server.RelayServer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * {@code benchmarks/run jmh ForwardingAllocation -prof gc}: bytes allocated in the whole process
 * for each frame that a relay forwards. Relay and both its clients are in it; the clients allocate
 * a few objects for each thousand frames.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class ForwardingAllocation {
  private static final int FRAMES = 2_000;

  /** One datagram in a frame, and a batch of forty. */
  @Param({"1200", "48000"})
  public int payload;

  private RelayServer relay;
  private RelayPeer from;
  private RelayPeer to;

  @Setup(Level.Trial)
  public void start() throws Exception {
    relay = RelayServer.builder().bind(SocketAddrs.parse("127.0.0.1:0"));
    from = RelayPeer.ofRelay(relay.url().toString());
    to = RelayPeer.ofRelay(relay.url().toString());
  }

  @Benchmark
  @OperationsPerInvocation(FRAMES)
  public void forward() throws Exception {
    RelayFigures.stream(from, to, payload, FRAMES);
  }

  @TearDown(Level.Trial)
  public void stop() throws Exception {
    from.close();
    to.close();
    relay.close();
  }
}
