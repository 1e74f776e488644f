/* Sine in double precision, for tables made once; no C library needed. */
#pragma once

/* sin(pi x), by its series around the nearest whole number. */
static double sin_pi(double x) {
    double whole = __builtin_nearbyint(x), r = (x - whole) * 3.14159265358979323846, r2 = r * r;
    double term = r, sum = r;
    for (int n = 3; n < 20; n += 2) sum += term *= -r2 / (n * (n - 1));
    return (int)whole & 1 ? -sum : sum;
}
