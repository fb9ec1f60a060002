import type { DemoCourse } from '../course.ts';

export const energyInNumbers: DemoCourse = {
  title: 'Energy in Numbers',
  slug: 'energy-in-numbers',
  summary: 'Power, energy and efficiency on the back of an envelope: from a kettle to a country.',
  modules: [
    {
      title: 'Power is not energy',
      items: [
        {
          type: 'PAGE',
          title: 'Watts and watt-hours',
          body: [
            'Power says how fast energy is turned over: 1 W is 1 J a second. A kettle of 2 kW that runs for 3 minutes',
            'takes 2 kW × 0.05 h = **0.1 kWh**.',
            '',
            'A kilowatt-hour is 3.6 MJ. “Kilowatts an hour” is almost always a mistake.',
          ].join('\n'),
        },
        {
          type: 'VIDEO',
          title: 'Reading the meter in your hallway',
          url: 'https://media.lyceum.example/energy/reading-the-meter.mp4',
        },
        {
          type: 'EXTERNAL',
          title: 'Estimate your day',
          url: 'https://activities.lyceum.example/estimate-your-day',
        },
      ],
    },
    {
      title: 'Efficiency and storage',
      items: [
        {
          type: 'PAGE',
          title: 'Why a heat pump gives more than it takes',
          body: [
            'A heat pump moves heat instead of making it. Its **coefficient of performance** is heat delivered over',
            'electricity used: at 3.5, one kilowatt-hour from the socket brings 3.5 kWh of warmth, 2.5 of them from',
            'outside.',
            '',
            'The smaller the lift in temperature, the better: large radiators that need only 35 °C beat small hot ones.',
          ].join('\n'),
        },
        {
          type: 'DOCUMENT',
          title: 'Table: energy content of common fuels',
          optional: true,
          url: 'https://media.lyceum.example/energy/fuels.pdf',
        },
        {
          type: 'QUIZ',
          title: 'Envelope quiz',
          passingScore: 0.6,
          questions: [
            {
              kind: 'NUMERICAL',
              prompt: 'A lamp of 10 W burns for 24 hours. How much energy is that, in kilowatt-hours?',
              points: 1,
              value: 0.24,
              tolerance: 0.005,
              feedback: '10 W × 24 h = 240 Wh = 0.24 kWh.',
            },
            {
              kind: 'SINGLE_CHOICE',
              prompt: 'Which of these is a unit of power?',
              points: 1,
              choices: [
                { text: 'Joule' },
                { text: 'Kilowatt-hour' },
                { text: 'Watt', correct: true },
                { text: 'Calorie' },
              ],
              feedback: 'The watt is a joule a second; the other three are amounts of energy.',
            },
            {
              kind: 'TRUE_FALSE',
              prompt: 'A heat pump with a coefficient of performance of 3 breaks the conservation of energy.',
              points: 1,
              correct: false,
              feedback:
                'Two of the three parts of heat come from outside: it moves them, it does not make them.',
            },
            {
              kind: 'MULTIPLE_RESPONSE',
              prompt: 'Which measures lower the electricity that a heat pump needs for the same warm house?',
              points: 2,
              choices: [
                { text: 'Insulating the roof', correct: true },
                { text: 'Larger radiators at a lower temperature', correct: true },
                { text: 'A hotter supply to small radiators' },
                { text: 'Sealing draughty windows', correct: true },
              ],
              feedback:
                'Less heat to deliver, or a smaller lift to deliver it at. A hotter supply does the opposite.',
            },
            {
              kind: 'NUMERICAL',
              prompt:
                'A house needs 10,500 kWh of heat a year. How much electricity, in kilowatt-hours, does a heat pump with a COP of 3.5 use?',
              points: 2,
              value: 3000,
              tolerance: 10,
              feedback: '10,500 / 3.5 = 3,000 kWh.',
            },
            {
              kind: 'SINGLE_CHOICE',
              prompt: 'About how much energy lifts 1 tonne of water by 100 m?',
              points: 1,
              choices: [
                { text: '0.27 kWh', correct: true },
                { text: '2.7 kWh' },
                { text: '27 kWh' },
                { text: '270 kWh' },
              ],
              feedback:
                'm g h = 1,000 kg × 9.81 m/s² × 100 m = 0.98 MJ, that is 0.27 kWh: pumped storage needs much water.',
            },
          ],
        },
      ],
    },
    {
      title: 'From the house to the country',
      items: [
        {
          type: 'PAGE',
          title: 'Scaling up without losing the units',
          body: [
            'Write the unit into every line, and let the units do the checking: W/m² times m² gives W.',
            '',
            'A wind park yields about 2 to 3 W for each square metre of land, sunshine on panels in central Europe some',
            '10 to 20 W for each square metre of panel, both averaged over a year.',
          ].join('\n'),
        },
        {
          type: 'VIDEO',
          title: 'A tour of a pumped-storage plant',
          url: 'https://media.lyceum.example/energy/pumped-storage.mp4',
        },
      ],
    },
  ],
};
