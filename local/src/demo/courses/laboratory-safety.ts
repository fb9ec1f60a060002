import type { DemoCourse } from '../course.ts';

export const laboratorySafety: DemoCourse = {
  title: 'Safe Work in the Chemistry Laboratory',
  slug: 'safe-work-in-the-chemistry-laboratory',
  summary:
    'The habits that keep you and your neighbours unhurt: labels, gloves, acids, and what to do when it spills.',
  modules: [
    {
      title: 'Before you start',
      items: [
        {
          type: 'PAGE',
          title: 'Read the label: pictograms and signal words',
          body: [
            'The Globally Harmonised System (GHS) puts nine red-framed diamonds on containers: flame, flame over',
            'circle, exploding bomb, gas cylinder, corrosion, skull and crossbones, health hazard, exclamation mark,',
            'environment.',
            '',
            'Of the two signal words, **Danger** marks the graver hazard and **Warning** the lesser one.',
            '',
            'No label, no use: report an unmarked bottle, don’t smell it.',
          ].join('\n'),
        },
        {
          type: 'VIDEO',
          title: 'Goggles, coat, gloves: dressing for the bench',
          url: 'https://media.lyceum.example/laboratory-safety/dressing-for-the-bench.mp4',
        },
        {
          type: 'DOCUMENT',
          title: 'How to read a safety data sheet',
          url: 'https://media.lyceum.example/laboratory-safety/safety-data-sheet.pdf',
        },
      ],
    },
    {
      title: 'At the bench',
      items: [
        {
          type: 'PAGE',
          title: 'Diluting acids',
          body: [
            'Diluting concentrated sulphuric acid sets free much heat. **Acid into water**, slowly, stirring: the large',
            'mass of water takes up the heat. Water poured onto acid boils on the surface and throws acid about.',
            '',
            'For a dilution, amount is kept: c₁V₁ = c₂V₂.',
          ].join('\n'),
        },
        {
          type: 'EXTERNAL',
          title: 'Virtual fume cupboard',
          url: 'https://activities.lyceum.example/fume-cupboard',
        },
        {
          type: 'QUIZ',
          title: 'Licence to work at the bench',
          passingScore: 0.8,
          questions: [
            {
              kind: 'SINGLE_CHOICE',
              prompt: 'Acid splashes into your neighbour’s eye. What comes first?',
              points: 2,
              choices: [
                { text: 'Rinse the eye with plenty of water at the eyewash, at once', correct: true },
                { text: 'Neutralise with sodium hydrogencarbonate solution' },
                { text: 'Cover the eye and call the teacher' },
                { text: 'Wait whether it hurts' },
              ],
              feedback:
                'Rinse at once and for at least 15 minutes while somebody else calls for help. Never neutralise in the eye.',
            },
            {
              kind: 'TRUE_FALSE',
              prompt: 'To dilute concentrated sulphuric acid, pour the water into the acid.',
              points: 1,
              correct: false,
              feedback:
                'Always the acid into the water: the heat would make water boil and spatter on top of the acid.',
            },
            {
              kind: 'MULTIPLE_RESPONSE',
              prompt: 'Which of these belong in every laboratory session?',
              points: 2,
              choices: [
                { text: 'Goggles', correct: true },
                { text: 'Closed shoes', correct: true },
                { text: 'Long hair tied back', correct: true },
                { text: 'A drink within reach' },
              ],
              feedback: 'Nothing is eaten or drunk in a laboratory.',
            },
            {
              kind: 'NUMERICAL',
              prompt:
                'You need 250 mL of hydrochloric acid at 0.10 mol/L. How many millilitres of a 2.0 mol/L stock do you take?',
              points: 2,
              value: 12.5,
              tolerance: 0.1,
              feedback: 'V₁ = c₂V₂ / c₁ = 0.10 × 250 / 2.0 = 12.5 mL, added to water and made up to 250 mL.',
            },
            {
              kind: 'SINGLE_CHOICE',
              prompt: 'Which signal word marks the more severe hazard?',
              points: 1,
              choices: [{ text: 'Warning' }, { text: 'Caution' }, { text: 'Danger', correct: true }],
              feedback: 'GHS knows two: Danger for the more severe categories, Warning for the less severe.',
            },
          ],
        },
      ],
    },
    {
      title: 'When something goes wrong',
      items: [
        {
          type: 'PAGE',
          title: 'Spills, burns and fires',
          body: [
            'Warn, leave the danger, call, and only then act: in this order.',
            '',
            'Thermal burns are cooled with running, tepid water. Clothes that burn are put out under the emergency',
            'shower or with a fire blanket. Burning metal (sodium, magnesium) is covered with dry sand, never water.',
          ].join('\n'),
        },
        {
          type: 'DOCUMENT',
          title: 'Map of eyewashes, showers and exits',
          optional: true,
          url: 'https://media.lyceum.example/laboratory-safety/map.pdf',
        },
      ],
    },
  ],
};
