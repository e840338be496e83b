package dev.warren.testlab.nat;

/**
 * What one direction of a link does to packets. It is applied where they arrive, before connection
 * tracking: a lost packet has opened no filter.
 *
 * @param delayMillis for each packet
 * @param jitterMillis the delay varies by so much to either side; order is kept
 * @param loss mean share of packets lost, 0 to 1
 * @param burst mean length of a run of losses
 */
public record Quality(double delayMillis, double jitterMillis, double loss, double burst) {
  public static Quality delay(double millis) {
    return new Quality(millis, 0, 0, 1);
  }

  public Quality withLoss(double share, double meanBurst) {
    return new Quality(delayMillis, jitterMillis, share, meanBurst);
  }

  public Quality withJitter(double millis) {
    return new Quality(delayMillis, millis, loss, burst);
  }
}
