"""The text of exp, log, tanh, sin, erf and their kin for one number, and its constants for each dtype.

Each brings its operand into a small range, where a polynomial of few terms is right to the last place. The polynomials have
the smallest largest error (Remez), fitted in 90 digits. The errors stated are bounds of the largest found: in float32 over
all numbers that there are, in float64 over tens of millions. They hold where a product and a sum are one instruction
(x86-64 since 2013, ARM64); elsewhere sin and cos are right for small operands only.

In the text, $NAME is a number of the dtype, or a tuple of them. What stands between two blank lines is printed together.
"""

from __future__ import annotations

NUMBERS: dict[str, dict[str, str]] = {
    "float32": {
        "MANTISSA": "23", "BIAS": "127", "ROUND": "1.5*2**23", "SMALLEST_NORMAL": "2**-126", "DIGITS": "24",
        "GROWTH": "2**24", "SQRT_HALF": "0x3F3504F3",
        "LN2_HIGH": "22713*2**-15", "LN2_LOW": "1.4286068e-06", "LOG2_E": "1.442695", "EXP_LOW": "-104", "EXP_HIGH": "89",
        "EXPM1_LOW": "-18",
        "TWO_OVER_PI": "0.63661975", "HALF_PI": "1.5707964 -4.371139e-08 -1.7151245e-15", "FARTHEST": "2**18",
        "TANH_HIGH": "10", "EXP": "0.49999997 0.16666542 0.041667286 0.0083666835 0.0013875583",
        "LOG": "0.66666776 0.3997754 0.29871827",
        "SIN": "-0.16666654 0.008332109 -0.0001950773", "COS": "0.041666646 -0.0013887276 2.442771e-05",
        "ERF": "0.12837917 -0.37612626 0.112835854 -0.026853815 0.0051883305 -0.00080102024 7.85385e-05",
        "ERFC": "5.364941 4.4181595 0.9237531 0.016487274 -0.0035436829 0.0007127212 -0.0001855736",
        "ERF_MIDDLE": "2", "ERF_HIGH": "4",
    },
    "float64": {
        "MANTISSA": "52", "BIAS": "1023", "ROUND": "1.5*2**52", "SMALLEST_NORMAL": "2**-1022", "DIGITS": "53",
        "GROWTH": "2**53", "SQRT_HALF": "0x3FE6A09E667F3BCD",
        "LN2_HIGH": "1524246769572*2**-41", "LN2_LOW": "-1.7239444525614835e-13", "LOG2_E": "1.4426950408889634",
        "EXP_LOW": "-746", "EXP_HIGH": "710", "EXPM1_LOW": "-38",
        "TWO_OVER_PI": "0.6366197723675814", "FARTHEST": "2**46",
        "HALF_PI": "1.5707963267948966 6.123233995736766e-17 -1.4973849048591698e-33",
        "TANH_HIGH": "20",
        "EXP": "0.5000000000000006 0.16666666666666577 0.04166666666657535 0.008333333333401072 0.0013888888932097822 "
               "0.000198412696882309 2.480150456981931e-05 2.755743997053524e-06 2.7626337985347314e-07 "
               "2.50420180516533e-08",
        "LOG": "0.6666666666666734 0.39999999999415253 0.285714287422777 0.22222198581914748 0.1818356402658969 "
               "0.15314054136062075 0.1479595341690304",
        "SIN": "-0.16666666666666624 0.008333333333320722 -0.00019841269828405417 2.7557313191110646e-06 "
               "-2.505067775910243e-08 1.589203994070586e-10",
        "COS": "0.04166666666666659 -0.0013888888888871824 2.4801587287995187e-05 -2.7557313909978644e-07 "
               "2.0875661628392204e-09 -1.1356387149580954e-11",
        "ERF": "0.12837916709551256 -0.3761263890318352 0.112837916709442 -0.026866170643113415 0.005223977606130842 "
               "-0.0008548325929766242 0.00012055293586936884 -1.4924712439533681e-05 1.6447132699774005e-06 "
               "-1.6206318752881022e-07 1.3710988703839006e-08 -7.7794629711522e-10",
        "ERFC": "2.5626536619221256 3.0677239416692372 0.8708101640587634 0.03268700868291148 "
                "-0.007791961610865704 0.001606950950584264 -0.0002467839908770124 1.004185275847568e-05 "
                "1.08304705398706e-05 -5.166847093325482e-06 1.4489576727002826e-06 -2.57975955699609e-07 "
                "1.0618925854850689e-08 1.123302491205631e-08 -4.415271652886576e-09 8.831212982474924e-10 "
                "-9.864507246515823e-11 4.864742504739347e-12",
        "ERF_MIDDLE": "1.25", "ERF_HIGH": "6",
    },
}  # fmt: skip

TEXT = '''
# A number is (-1)^s 2^n m, with 1 <= m < 2: its bits are s, then n + BIAS, then MANTISSA digits of m after the point.
# fma(a, b, c) is a b + c, rounded once. horner(x, (c0, c1, ...)) is c0 + x (c1 + x (...)), one fma a step.
BIAS = $BIAS
MANTISSA = $MANTISSA
ROUND = $ROUND  # x + ROUND has no digits after the point: x is rounded to an integer, which stands in the last bits
LN2_HIGH = $LN2_HIGH  # ln 2 in two parts; the first has few digits, so that n LN2_HIGH is exact
LN2_LOW = $LN2_LOW
LOG2_E = $LOG2_E

@strict
def power_of_two(n):
    """2^n. Bits of n beyond those of an exponent fall out at the top."""
    return from_bits((n + BIAS) << MANTISSA)

@strict
def exp_parts(x):
    """n (in the last bits) and r of x = n ln 2 + r, |r| <= ln(2) / 2, and what r lost by rounding. e^x = 2^n e^r."""
    shifted = fma(x, LOG2_E, ROUND)
    n = shifted - ROUND
    exact = fma(-n, LN2_HIGH, x)
    r = fma(-n, LN2_LOW, exact)
    return bits(shifted), r, fma(-n, LN2_LOW, exact - r)

# (e^r - 1 - r) / r^2 for |r| <= ln(2) / 2. Beyond LOW and HIGH, e^x is 0 and inf; below EXPM1_LOW, e^x - 1 is -1, rounded.
EXP = $EXP
EXP_LOW = $EXP_LOW
EXP_HIGH = $EXP_HIGH
EXPM1_LOW = $EXPM1_LOW

@strict
def exp(x):
    """e^x = 2^n e^r. 2^n goes on in two factors, since it may be too small or too large for one. Error below 1.1 ulp."""
    x = EXP_LOW if x < EXP_LOW else x
    x = EXP_HIGH if x > EXP_HIGH else x
    n, r, _ = exp_parts(x)
    half = n >> 1
    return (T(1) + fma(r * r, horner(r, EXP), r)) * power_of_two(half) * power_of_two(n - half)

@strict
def expm1(x):
    """e^x - 1 = 2^n (e^r - 1) + (2^n - 1); at half its size, since 2^n may be too large. Error below 1.7 ulp."""
    x = EXPM1_LOW if x < EXPM1_LOW else x
    x = EXP_HIGH if x > EXP_HIGH else x
    n, r, lost = exp_parts(x)
    rest = r + fma(r * r, horner(r, EXP), lost)
    scale = power_of_two(n - 1)
    y = fma(scale, rest, scale - T(0.5))
    y = rest if scale == T(0.5) else y + y
    return y if x != T(0) else x

TANH_HIGH = $TANH_HIGH  # tanh is 1, rounded, from here on

@strict
def tanh(x):
    """tanh |x| = -t / (2 + t) with t = e^(-2|x|) - 1, and the sign of x. Error below 1.6 ulp."""
    size = abs(x)
    size = TANH_HIGH if size > TANH_HIGH else size
    n, r, lost = exp_parts(T(-2) * size)
    rest = r + fma(r * r, horner(r, EXP), lost)
    scale = power_of_two(n)
    t = fma(scale, rest, scale - T(1))
    t_lost = fma(scale, rest, (scale - T(1)) - t)
    below = T(2) + t
    below_lost = t - (below - T(2)) + t_lost
    inverse = T(-1) / below
    y = t * inverse
    remainder = fma(y, below, t) + (t_lost + y * below_lost)  # without it, roundings would add up to 2.5 ulp
    return copysign(fma(remainder, inverse, y), x)

# (log(1 + f) - 2 s) / s^3 over s^2, where s = f / (2 + f), for sqrt(1/2) <= 1 + f <= sqrt(2).
LOG = $LOG
SQRT_HALF = $SQRT_HALF  # its bits
DIGITS = $DIGITS
GROWTH = $GROWTH  # 2^DIGITS makes subnormal numbers normal
SMALLEST_NORMAL = $SMALLEST_NORMAL

@strict
def exponent(x):
    """The integer n for which x / 2^n lies between sqrt(1/2) and sqrt(2)."""
    return I(bits(x) - SQRT_HALF) >> MANTISSA

@strict
def divided(x, n):
    """The number x / 2^n, by its bits."""
    return from_bits(bits(x) - (n << MANTISSA))

@strict
def log_sum(f, n):
    """n ln 2 + log(1 + f). log(1 + f) is 2 artanh(s), written as f minus a small part, because f is exact."""
    n = from_bits(bits(ROUND) + n) - ROUND  # from an integer to a number
    s = f / (T(2) + f)
    z = s * s
    half = T(0.5) * f * f
    return fma(n, LN2_HIGH, f - (half - fma(s, fma(z, horner(z, LOG), half), n * LN2_LOW)))

@strict
def log(x):
    """log x = n ln 2 + log(1 + f), where x = 2^n (1 + f). Error below 0.9 ulp."""
    tiny = x < SMALLEST_NORMAL
    large = x * GROWTH if tiny else x
    n = exponent(large)
    y = log_sum(divided(large, n) - T(1), n - DIGITS if tiny else n)
    beyond = -inf if x == T(0) else (nan if x < T(0) else x)
    return y if (x > T(0)) & (x < inf) else beyond

@strict
def log1p(x):
    """log(1 + x). What 1 + x lost by rounding goes into f, which is exactly x where n is 0. Error below 1.5 ulp."""
    u = T(1) + x
    n = exponent(u)
    back = u - x
    lost = (x - (u - back)) + (T(1) - back)
    f = fma(lost, power_of_two(-min(n, BIAS)), divided(u, n) - T(1))
    beyond = -inf if x == T(-1) else (nan if x < T(-1) else x)
    return log_sum(f, n) if (x > T(-1)) & (x < inf) & (x != T(0)) else beyond

# (sin r - r) / r^3 and (cos r - 1 + r^2 / 2) / r^4 over r^2, for |r| <= 0.797: pi/4, and the error of x TWO_OVER_PI.
SIN = $SIN
COS = $COS
TWO_OVER_PI = $TWO_OVER_PI
HALF_PI = $HALF_PI  # pi/2 in three parts
FARTHEST = $FARTHEST  # sin and cos are NaN beyond

@strict
def sine(x, quarters):
    """sin(x + quarters pi/2). x is n pi/2 + r, and each quarter turn has its formula."""
    shifted = fma(x, TWO_OVER_PI, ROUND)
    n = shifted - ROUND
    r = fma(-n, HALF_PI[2], fma(-n, HALF_PI[1], fma(-n, HALF_PI[0], x)))
    z = r * r
    turn = bits(shifted) + quarters
    y = fma(z, fma(z, horner(z, COS), T(-0.5)), T(1)) if turn & 1 else fma(r * z, horner(z, SIN), r)
    y = -y if turn & 2 else y
    return y if abs(x) <= FARTHEST else nan

@strict
def sin(x):
    """The sine of x, where |x| <= FARTHEST. Error below 1.6 ulp."""
    return sine(x, 0) if x != T(0) else x

@strict
def cos(x):
    """The cosine of x, where |x| <= FARTHEST. Error below 1.6 ulp."""
    return sine(x, 1)

# erf(x) / x - 1 over x^2 for |x| <= 1, and -log(1 - erf x) over x - ERF_MIDDLE up to ERF_HIGH, where erf is 1, rounded.
ERF = $ERF
ERFC = $ERFC
ERF_MIDDLE = $ERF_MIDDLE
ERF_HIGH = $ERF_HIGH

@strict
def erf(x):
    """x (1 + p(x^2)) up to 1; beyond, 1 - e^-q(|x|), with the sign of x. Error below 1.3 ulp."""
    size = abs(x)
    large = ERF_HIGH if size > ERF_HIGH else size
    outer = T(1) - exp(-horner(large - ERF_MIDDLE, ERFC))
    return fma(x, horner(x * x, ERF), x) if size < T(1) else copysign(outer, x)
'''
