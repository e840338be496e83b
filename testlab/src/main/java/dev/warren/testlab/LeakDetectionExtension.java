package dev.warren.testlab;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test class after which Netty reports a leaked buffer. Registered by itself wherever
 * testlab is on the test class path.
 */
public final class LeakDetectionExtension implements AfterAllCallback {
  private static final int ROUNDS = 3;

  @Override
  public void afterAll(ExtensionContext context) {
    if (!ResourceLeakDetector.isEnabled()) {
      return;
    }
    for (int i = 0; i < ROUNDS; i++) {
      System.gc();
      poll();
    }
    List<String> leaks = RecordingLeakDetector.takeLeaks();
    if (!leaks.isEmpty()) {
      throw new AssertionError(leaks.size() + " leaked buffers, the first: " + leaks.get(0));
    }
  }

  /**
   * Leaks are reported when the next buffer is tracked, so one is allocated, if there are buffers.
   */
  private static void poll() {
    try {
      Class<?> unpooled = Class.forName("io.netty.buffer.Unpooled");
      Object buffer = unpooled.getMethod("directBuffer", int.class).invoke(null, 16);
      Class.forName("io.netty.util.ReferenceCountUtil")
          .getMethod("release", Object.class)
          .invoke(null, buffer);
    } catch (ReflectiveOperationException noBuffersInThisModule) {
      ResourceLeakDetectorFactory.instance();
    }
  }
}
